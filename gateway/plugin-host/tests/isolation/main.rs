//! Providers in processes of their own: whatever a plugin does there, nothing else notices.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod cage;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod same;
