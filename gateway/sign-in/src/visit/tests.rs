mod admission;
mod attempts;
mod browser;
mod departures;
mod passcodes;
mod scripted;
mod sessions;
mod world;
