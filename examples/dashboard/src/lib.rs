//! A dashboard of 10,000 devices, as an example of stores that are larger than a page.
//!
//! A page follows the devices that it shows and no others: `fleet.at(…)` in the browser,
//! and `Published::at` for the first rows, which come with the page. The counts of all
//! devices are a small store of their own, which `each()` keeps up to date at a cost that
//! follows the devices that changed.

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
