mod cache;
mod network;
