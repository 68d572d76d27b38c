//! S3: an app has no greatest number of services, edges or depth.

use sprag::prelude::*;

include!(concat!(env!("OUT_DIR"), "/large.rs"));

#[tokio::test]
async fn s3_a_large_graph_compiles_starts_and_stops() {
    let hub = Hub::start().await.expect("every service starts");
    let report = hub.stop().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.services().len(), 1_081);
}
