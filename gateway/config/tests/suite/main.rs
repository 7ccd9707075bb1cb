//! What is refused, where it is said to be, and what is read from what is shipped.

#[cfg(test)]
mod api;
#[cfg(test)]
mod clouds;
#[cfg(test)]
mod files;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tenants;
