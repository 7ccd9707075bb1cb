mod cache;
pub(crate) mod network;
