//! Types that Ruby objects hold: what magnus' derive macro writes, except for the search for the class.
//!
//! The macro's code calls a Ruby method to find the class, when the first object is made. That lets interrupts in, and
//! then it panics.

use std::ffi::CStr;

use magnus::value::ReprValue;
use magnus::{Class, Error, Module, RClass, RModule, Ruby, TypedData, Value};

/// Makes `$type` what the objects of the class `$name` hold. The options are those of
/// `DataTypeBuilder`.
macro_rules! typed_data {
    ($type:ty, $name:literal $(, $option:ident)*) => {
        #[allow(unsafe_code, reason = "a promise that the derive macro makes, too")]
        // SAFETY: `define_class` leaves the class without an allocator; no other type has this data type.
        unsafe impl magnus::TypedData for $type {
            fn class(ruby: &magnus::Ruby) -> magnus::RClass {
                static CLASS: magnus::value::Lazy<magnus::RClass> =
                    magnus::value::Lazy::new(|ruby| $crate::ruby::find_class(ruby, $name));
                ruby.get_inner(&CLASS)
            }

            fn data_type() -> &'static magnus::DataType {
                static DATA_TYPE: magnus::DataType =
                    magnus::typed_data::DataTypeBuilder::<$type>::new($name)$(.$option())*.build();
                &DATA_TYPE
            }
        }
    };
}

pub(crate) use typed_data;

/// Defines the class of `T`, whose objects are made by native code alone.
pub(crate) fn define_class<T: TypedData>(ruby: &Ruby, module: RModule, name: &str) -> Result<RClass, Error> {
    let class = module.define_class(name, ruby.class_object())?;
    class.undef_default_alloc_func();
    // From here on it is found without a search. Ractors could wait for one another in it.
    T::class(ruby);
    Ok(class)
}

/// The class named, which `define_class` has defined.
pub(crate) fn find_class(ruby: &Ruby, name: &CStr) -> RClass {
    let object = Ok(ruby.class_object().as_value());
    let find = |module: Result<Value, Error>, name: &str| match RModule::from_value(module?) {
        Some(module) => module.const_get(name),
        None => ruby.class_object().const_get(name),
    };
    let found = name.to_str().unwrap_or_default().split("::").fold(object, find);
    found.ok().and_then(RClass::from_value).unwrap_or_else(|| ruby.class_object())
}
