//! What every backend of the store promises. A backend says how it is opened, and [`conformance!`] makes the
//! tests of it.

pub(crate) mod attempts;
pub(crate) mod counters;
pub(crate) mod home_sessions;
pub(crate) mod management;
pub(crate) mod redemptions;
pub(crate) mod replays;
pub(crate) mod revocations;

use gateway_core::time::UnixTime;
use gateway_store::Store;

/// An empty place where a store can live.
pub(crate) trait Backend {
    /// A new place. None where the machine has no such back end.
    fn place() -> Option<Self>
    where
        Self: Sized;

    /// Opens the store that lives there; again, after [`Store::close`], as often as wanted.
    async fn open(&self, now: UnixTime) -> Store;
}

/// One test for each promise, against the backend `$backend`.
macro_rules! conformance {
    ($backend:ty: $($topic:ident { $($promise:ident),+ $(,)? })+) => {
        $(mod $topic {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                let place = <$backend as crate::conformance::Backend>::place();
                let Some(backend) = place else { return };
                crate::conformance::$topic::$promise(&backend).await;
            })+
        })+
    };
    ($backend:ty) => {
        conformance!($backend:
            redemptions {
                binding_again_changes_nothing,
                sec_083_an_invitation_stays_with_who_redeemed_it,
                an_identity_redeems_one_invitation_of_a_tenant,
                tenants_bind_apart,
                identities_differ_in_every_part,
                one_of_many_parallel_identities_is_bound,
                redemptions_survive_a_restart,
            }
            revocations {
                sec_056_every_kind_of_revocation_is_found_again,
                revoking_again_never_weakens,
                sec_081_a_revocation_holds_until_its_end_exactly,
                links_and_guests_stay_revoked_for_good,
            }
            home_sessions {
                sec_056_a_session_is_known_until_its_end_exactly,
                what_is_remembered_longer_stays,
                home_sessions_survive_a_restart,
            }
            attempts {
                an_attempt_is_found_as_it_was_begun,
                sec_081_an_attempt_is_dead_at_its_end_exactly,
                the_oldest_attempts_of_a_browser_are_dropped,
                dead_attempts_do_not_push_out_live_ones,
                sec_082_nothing_moves_from_a_stale_sequence,
                one_of_many_parallel_steps_advances,
                one_of_many_parallel_steps_ends,
                a_browser_keeps_so_many_however_many_begin_at_once,
                sec_208_what_was_begun_with_an_attempt_never_changes,
                attempts_survive_a_restart,
            }
            counters {
                the_limit_is_the_last_that_is_within,
                sec_146_of_100_parallel_counts_exactly_the_limit_is_within,
                sec_146_of_100_parallel_counts_over_three_gateways_exactly_five_are_within,
                no_window_holds_more_than_the_limit,
                what_exceeds_is_not_counted,
                a_clock_set_back_frees_nothing,
                scopes_and_keys_count_apart,
                a_limit_of_zero_lets_nothing_through,
                what_is_taken_back_makes_room_for_one,
                nothing_is_taken_back_that_was_not_counted,
                counters_survive_a_restart,
            }
            replays {
                sec_107_an_id_is_used_once,
                sec_133_of_100_parallel_uses_exactly_one_is_fresh,
                sec_133_of_many_parallel_uses_over_three_gateways_one_is_fresh,
                all_ids_are_used_or_none,
                an_id_named_twice_is_a_replay,
                nothing_to_use_is_fresh,
                providers_use_their_ids_apart,
                sec_204_text_of_strangers_is_never_sql,
                an_id_is_remembered_until_its_end_exactly,
                an_id_that_ends_at_once_is_remembered_all_the_same,
                sec_133_used_ids_survive_a_restart,
                sec_109_what_is_fresh_revokes_and_what_is_replayed_does_not,
            }
            management {
                what_is_written_is_found_as_it_was,
                all_of_a_write_happens_or_nothing,
                expectations_that_hold_do_not_hinder,
                one_of_many_parallel_writes_of_one_version_wins,
                sequences_never_repeat_over_several_gateways,
                a_deleted_entry_comes_back_as_it_was,
                an_entry_that_is_made_again_inherits_nothing,
                who_redeemed_a_declaration_that_is_gone_redeemed_nothing_else,
                a_reset_redemption_frees_the_identity,
                sec_118_denials_over_declarations_stay,
                pages_hold_declared_and_stored_by_id,
                what_is_on_an_item_or_above_it_is_found,
                what_moves_carries_its_grants,
                what_is_deleted_is_shared_no_more,
                a_link_takes_along_what_came_through_it,
                one_of_two_who_redeem_one_invitation_wins,
                small_things_are_written_and_cleared,
            }
        );
    };
}
pub(crate) use conformance;

/// Runs `make(0)` to `make(count - 1)` at the same time and returns what they return.
pub(crate) async fn parallel<T, F>(count: u32, make: impl Fn(u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|i| tokio::spawn(make(i))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}
