//! The ratchet: recorded pairs that have passed must keep passing.

use scenarios::golden;

#[tokio::test]
async fn pairs_that_passed_keep_passing() {
    let lost = golden::run(&golden::load_names())
        .await
        .expect("the stage is set");
    assert!(
        lost.is_empty(),
        "{} pairs are lost:\n{}",
        lost.len(),
        lost.join("\n")
    );
}
