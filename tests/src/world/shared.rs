//! One world for several tests that leave it as it was: starting one takes longer than most of them.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;

use super::{Options, World};
use crate::Outcome;

static SHARED: Mutex<Weak<AsyncMutex<Option<Shared>>>> = Mutex::new(Weak::new());

/// A world and what its services run on: a test's own runtime ends with the test.
struct Shared {
    world: Option<World>,
    runtime: Option<Runtime>,
}

/// The shared world, for one test at a time: what reaches the documents meanwhile is that test's doing.
pub struct Turn(OwnedMutexGuard<Option<Shared>>);

impl World {
    /// Waits for the turn to use the shared world. It ends with the last test that waits for it or has it.
    ///
    /// # Errors
    /// As [`World::start`].
    pub async fn shared() -> Outcome<Turn> {
        let place = {
            let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
            shared.upgrade().unwrap_or_else(|| {
                let place = Arc::new(AsyncMutex::new(None));
                *shared = Arc::downgrade(&place);
                place
            })
        };
        let mut turn = place.lock_owned().await;
        if turn.is_none() {
            *turn = Some(spawn_blocking(Shared::start).await??);
        }
        Ok(Turn(turn))
    }
}

impl Shared {
    fn start() -> Outcome<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let world = runtime.block_on(World::start(Options::default()))?;
        Ok(Self {
            world: Some(world),
            runtime: Some(runtime),
        })
    }
}

impl Deref for Turn {
    type Target = World;

    #[expect(
        clippy::expect_used,
        reason = "`shared` has filled it in, and only `drop` takes it out"
    )]
    fn deref(&self) -> &World {
        self.0
            .as_ref()
            .and_then(|shared| shared.world.as_ref())
            .expect("a world is there")
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        drop(self.world.take());
        // Waiting for it is not possible in the runtime of the last test.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
