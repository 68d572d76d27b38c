//! A dashboard of 10,000 devices, as an example of stores that are larger than a page.
//!
//! A page follows only the devices that it shows: `fleet.at(…)` in the browser, and
//! `Published::at` for the first rows, which are part of the page. The counts of all
//! devices are a small store of their own. `each()` keeps the counts up to date, at a cost
//! that depends on the number of changed devices.

mod fleet;
mod overview;
mod web;

use sprag::app;

pub use fleet::{Device, Fleet, Status, fleet, step};
pub use overview::{Overview, keep};
pub use web::{Listen, Web};

app! {
    /// The dashboard: its devices and its page.
    pub Watching(Listen) { Web }
}
