//! The tour: every journey against one running system, a line for each step.

use std::io::{self, Write};

use crate::Outcome;
use crate::journeys::Journey;
use crate::report::Listener;
use crate::world::World;

/// Prints to standard output.
#[derive(Default)]
struct Lines {
    steps: usize,
    failures: usize,
}

impl Listener for Lines {
    fn begins(&mut self, title: &str) {
        print(&format!("\n{title}"));
    }

    fn ended(&mut self, step: &str, failure: Option<&str>) {
        self.steps += 1;
        match failure {
            None => print(&format!("  ok      {step}")),
            Some(why) => {
                self.failures += 1;
                print(&format!("  FAILED  {step}\n          {why}"));
            }
        }
    }
}

/// Plays all journeys and tells how each step ends.
///
/// # Errors
/// How many failed; what came of them has been printed.
pub async fn play(world: &mut World) -> Outcome {
    let mut lines = Lines::default();
    for journey in Journey::ALL {
        let failures = lines.failures;
        if let Err(why) = journey.play(world, &mut lines).await
            && lines.failures == failures
        {
            // It broke between two steps.
            lines.ended("the journey goes on", Some(&why.to_string()));
        }
    }
    print(&format!(
        "\n{} steps, {} failed.",
        lines.steps, lines.failures
    ));
    crate::ensure!(
        lines.failures == 0,
        "the tour found {} failures",
        lines.failures
    );
    Ok(())
}

fn print(line: &str) {
    // Nobody listening is no reason to stop the tour: its exit status tells as well.
    let _ = writeln!(io::stdout(), "{line}");
}
