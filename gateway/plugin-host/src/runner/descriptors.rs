//! Closes what the gateway, or a library in it, left open for its children.
#![expect(unsafe_code, reason = "no safe call of the system closes a range")]

use std::io;

/// Closes every descriptor but standard input, output and error.
///
/// # Errors
/// What the system says; before Linux 5.9 it knows no such call.
pub(super) fn close_all_others() -> io::Result<()> {
    // SAFETY: nothing in this process owns a descriptor above 2: it has just begun, and has opened none.
    let outcome = unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) };
    if outcome == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
