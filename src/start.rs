//! The way in on Linux with glibc. What Rust's runtime does before `main`, and a library that one function is taken
//! from, together take as long as a third of all that `/bin/true` does; this takes their place. Knows nothing else.
//!
//! Left out is the handler that explains a stack overflow (it reads `/proc/self/maps` at every start). Kept are the two
//! parts that matter to a program whose output becomes an identity.

#![expect(
    unsafe_code,
    reason = "the linker finds both functions by their C names; nothing unsafe is done in them"
)]

use std::ffi::{c_char, c_int};
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// glibc hands the command line to Rust's `std::env::args_os` by itself.
#[unsafe(no_mangle)]
extern "C" fn main(_count: c_int, _words: *const *const c_char) -> c_int {
    fill_standard_streams();
    survive_broken_pipes();
    super::run().into()
}

/// A standard stream that is closed would be the number of the next file or connection, which then got our output.
fn fill_standard_streams() {
    while let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        if null.as_raw_fd() > 2 {
            break;
        }
        std::mem::forget(null);
    }
}

/// Writing to a pipe or a connection whose other end is gone has to be an error that is told, not a silent end.
fn survive_broken_pipes() {
    // Should it fail, the signal ends the program, as it ends most.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::new(AtomicBool::new(false)));
}

/// The C library's `pow`, which the SDK's retries call, answered by the Rust project's own port of it: so nothing asks
/// for `libm.so`.
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
