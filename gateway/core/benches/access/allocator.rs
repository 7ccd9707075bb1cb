//! Counts what is allocated: how often, and how much is alive.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations so far.
pub(crate) fn allocations() -> usize {
    ALLOCATIONS.load(Relaxed)
}

/// Bytes alive, each allocation rounded up as the system's allocator does: 8 bytes of its own, multiples of 16, at least
/// 32.
pub(crate) fn alive() -> usize {
    ALIVE.load(Relaxed)
}

const fn cost(size: usize) -> usize {
    let whole = (size + 8).next_multiple_of(16);
    if whole < 32 { 32 } else { whole }
}

#[expect(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one only counts"
)]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        ALIVE.fetch_add(cost(layout.size()), Relaxed);
        // SAFETY: the caller promises a layout that is not empty.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        ALIVE.fetch_sub(cost(layout.size()), Relaxed);
        // SAFETY: the caller promises that `at` came from here, with this layout.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        ALIVE.fetch_add(cost(size), Relaxed);
        ALIVE.fetch_sub(cost(layout.size()), Relaxed);
        // SAFETY: the caller promises that `at` came from here, with this layout, and a size that fits.
        unsafe { System.realloc(at, layout, size) }
    }
}
