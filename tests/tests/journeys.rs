//! The journeys, each in a world of its own. The tour plays the same ones.

use tests::Outcome;
use tests::journeys::Journey;
use tests::report::Silent;
use tests::world::{Options, World};

async fn play(journey: Journey) -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let told = journey.play(&mut world, &mut Silent).await;
    told.map_err(|why| format!("{why}\n\n{}", world.gateway.process().log()).into())
}

#[tokio::test]
async fn journey_1_a_guest_of_another_organisation() -> Outcome {
    play(Journey::WorkGuest).await
}

#[tokio::test]
async fn journey_2_guests_by_passcode_google_and_microsoft_account() -> Outcome {
    play(Journey::OtherGuests).await
}

#[tokio::test]
async fn journey_3_a_link_for_anyone() -> Outcome {
    play(Journey::AnyoneLinks).await
}

#[tokio::test]
async fn journey_4_who_is_not_let_in() -> Outcome {
    play(Journey::NotAdmitted).await
}

#[tokio::test]
async fn journey_5_members_and_their_links() -> Outcome {
    play(Journey::Members).await
}

#[tokio::test]
async fn journey_6_providers_good_and_bad() -> Outcome {
    play(Journey::Plugins).await
}

#[tokio::test]
async fn journey_7_managed_mode() -> Outcome {
    play(Journey::Managed).await
}

#[tokio::test]
async fn journey_8_attacks() -> Outcome {
    play(Journey::Attacks).await
}

#[tokio::test]
async fn journey_9_an_administrators_program() -> Outcome {
    play(Journey::Directory).await
}
