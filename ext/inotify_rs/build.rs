//! Tells the compiler which Ruby it builds for (`cfg(ruby_gte_3_3)` and the like) and how to link it.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    rb_sys_env::activate()?;
    Ok(())
}
