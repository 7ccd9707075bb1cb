//! How many bytes may wait, of all uploads together.

use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that may wait.
pub(super) struct Room {
    most: u64,
    used: Mutex<u64>,
}

/// What one upload has of them; given back when dropped.
pub(super) struct Share {
    room: Arc<Room>,
    bytes: u64,
}

impl Room {
    pub(super) const fn new(most: u64) -> Self {
        Self {
            most,
            used: Mutex::new(0),
        }
    }

    /// Moves a share from `from` to `to` bytes, where there is room.
    fn change(&self, from: u64, to: u64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = used.saturating_sub(from).saturating_add(to);
        let fits = to <= from || wanted <= self.most;
        if fits {
            *used = wanted;
        }
        fits
    }

    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        *self.used.lock().unwrap()
    }
}

impl Share {
    pub(super) const fn none(room: Arc<Room>) -> Self {
        Self { room, bytes: 0 }
    }

    /// Makes the share one of `bytes`. It stays as it was where there is no room.
    pub(super) fn set(&mut self, bytes: u64) -> bool {
        let fits = self.room.change(self.bytes, bytes);
        if fits {
            self.bytes = bytes;
        }
        fits
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back() {
        let room = Arc::new(Room::new(10));
        let mut one = Share::none(Arc::clone(&room));
        let mut other = Share::none(Arc::clone(&room));
        assert!(one.set(6));
        assert!(!other.set(5), "there is room for 4");
        assert!(other.set(4) && room.used() == 10);
        assert!(one.set(2) && room.used() == 6);
        assert!(!one.set(u64::MAX));
        drop(other);
        assert_eq!(room.used(), 2);
        drop(one);
        assert_eq!(room.used(), 0);
    }
}
