pub(crate) mod model;
pub(crate) mod operations;
pub(crate) mod system;
