//! `pow`, which the SDK's retries call: the one function for which the system's `libm.so` would be loaded at every
//! start, at a fifth of what a whole `clear` takes. Knows nothing else.

/// The C library's `pow`, answered by the Rust project's own port of it.
#[expect(
    unsafe_code,
    reason = "the linker has to find it by its C name; nothing unsafe is done"
)]
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
