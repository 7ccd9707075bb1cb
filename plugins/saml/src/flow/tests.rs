//! The provider, driven as the gateway does, with a partner that is played here.

mod claims;
mod documents;
mod logout;
mod metadata;
mod requests;
mod settings;
mod sign_in;
mod world;
