//! What was acknowledged is there after a SIGKILL.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use gateway_store::Store;
use gateway_store::model::{Bound, Consumed, Counted, Redemption, Revocation, Revoked, SessionId};

use crate::conformance::Backend;
use crate::fixtures::{NOW, account, attempt, provider, redemption, revocation};
use crate::sqlite::File;

/// Where the writing child finds its file.
const CHILD: &str = "VESTIBULE_TEST_WRITE_UNTIL_KILLED";

const ROUNDS: usize = 5;

/// Starts itself again as a child that writes until it is killed, in the middle of whatever it is doing.
#[tokio::test]
async fn acknowledged_writes_survive_a_sigkill() {
    if let Some(path) = std::env::var_os(CHILD) {
        return write_until_killed(Path::new(&path)).await;
    }
    let file = File::new();
    let mut acknowledged = 0;
    for round in 1..=ROUNDS {
        let last = last_acknowledged(&file.path(), 10 * round);
        assert!(last > acknowledged, "round {round}");
        acknowledged = last;
        let store = file.open(NOW).await;
        assert_there(&store, acknowledged).await;
        store.close().await;
    }
}

/// Lets a child write, kills it after about `writes` acknowledgements and returns the last it gave.
fn last_acknowledged(path: &Path, writes: usize) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::acknowledged_writes_survive_a_sigkill",
            "--nocapture",
        ])
        .env(CHILD, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let number = |line: String| line.strip_prefix("written ")?.parse::<u32>().ok();
    let before: Vec<u32> = lines
        .by_ref()
        .map(Result::unwrap)
        .filter_map(number)
        .take(writes)
        .collect();
    assert_eq!(before.len(), writes, "the child stopped by itself");
    child.kill().unwrap();
    child.wait().unwrap();
    let after = lines.map(Result::unwrap).filter_map(number);
    before.into_iter().chain(after).last().unwrap()
}

/// Goes on where the last child was killed. Every number stands for one write of each kind.
async fn write_until_killed(path: &Path) {
    let store = Store::open(path, NOW).await.unwrap();
    let mut stderr = std::io::stderr();
    let first = store.redemptions().await.unwrap().len();
    for i in u32::try_from(first).unwrap().max(1).. {
        // The first may be there in part: written, and not acknowledged.
        store.bind(&bound(i)).await.unwrap();
        store.revoke(&revoked(i)).await.unwrap();
        store
            .consume(&provider("saml"), &used(i), NOW)
            .await
            .unwrap();
        store
            .count("mail", &i.to_string(), 3_600, 1, NOW)
            .await
            .unwrap();
        let attempt = pending(i);
        store.begin_attempt(&attempt, 16).await.ok();
        store
            .advance_attempt(&attempt.handle, 0, "next")
            .await
            .unwrap();
        stderr
            .write_all(format!("written {i}\n").as_bytes())
            .unwrap();
    }
}

async fn assert_there(store: &Store, acknowledged: u32) {
    let redemptions = store.redemptions().await.unwrap();
    let revocations = store.revocations(NOW).await.unwrap();
    for i in 1..=acknowledged {
        assert!(
            redemptions.contains(&bound(i)),
            "redemption {i} of {acknowledged}"
        );
        assert!(
            revocations.contains(&revoked(i)),
            "revocation {i} of {acknowledged}"
        );
        let again = store
            .consume(&provider("saml"), &used(i), NOW)
            .await
            .unwrap();
        assert_eq!(again, Consumed::Replayed, "{i} of {acknowledged}");
        let again = store
            .count("mail", &i.to_string(), 3_600, 1, NOW)
            .await
            .unwrap();
        assert_eq!(again, Counted::Exceeded, "{i} of {acknowledged}");
        let attempt = store
            .attempt(&pending(i).handle, NOW)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (attempt.sequence, attempt.state.as_str()),
            (1, "next"),
            "{i} of {acknowledged}"
        );
        assert_eq!(store.bind(&bound(i)).await.unwrap(), Bound::Yes);
    }
}

fn bound(i: u32) -> Redemption {
    redemption(
        "contoso",
        &format!("a{i}@fabrikam.example"),
        account(&format!("s{i}")),
    )
}

fn revoked(i: u32) -> Revocation {
    let mut session = [0; 16];
    session[..4].copy_from_slice(&i.to_be_bytes());
    revocation(Revoked::Session(SessionId(session)), 0, Some(3_600))
}

fn used(i: u32) -> [(String, gateway_core::time::UnixTime); 1] {
    [(i.to_string(), NOW.plus(3_600))]
}

fn pending(i: u32) -> gateway_store::model::Attempt {
    let mut attempt = attempt(0, 0, 0);
    attempt.handle.0[..4].copy_from_slice(&i.to_be_bytes());
    attempt.browser[..4].copy_from_slice(&i.to_be_bytes());
    attempt
}
