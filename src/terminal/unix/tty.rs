//! The terminal that controls this process, whatever stdin and stdout are.

use std::fs::File;
use std::io::Error;
use std::os::unix::fs::OpenOptionsExt as _;

use rustix::fs::OFlags;

pub fn open() -> Result<File, Error> {
    File::options().read(true).write(true).open("/dev/tty")
}

/// Reading and writing never block.
pub fn open_nonblocking() -> Result<File, Error> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let mut options = File::options();
    options.read(true).write(true).custom_flags(flags).open("/dev/tty")
}
