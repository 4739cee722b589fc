//! The disk of the system database is full: what needs no room goes on, what needs it is refused and not half done.

use kit::Start;
use scenarios::leaks::leak;
use scenarios::world::World;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk of its own, for as long as this lives.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one; `None` where that is not permitted.
    fn over(folder: &Path) -> Option<Disk> {
        let folder = folder.to_owned();
        run("mount", &["-t", "tmpfs", "-o", "size=24m", "tmpfs"], &folder).then_some(Disk(folder))
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.filler()).expect("there is room for a name");
        for size in [1024 * 1024, 4096, 1] {
            let piece = vec![0; size];
            while file.write_all(&piece).is_ok() {}
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.filler()).expect("the file is there");
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run("umount", &["-l"], &self.0);
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> bool {
    let done = Command::new(program).args(arguments).arg(folder).output();
    done.is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_half_written() {
    let mut world = World::start(Vec::new(), Start::default()).await;
    let data = world.program.data();
    let before = data.with_file_name("before");
    world.program.end("TERM");
    std::fs::rename(&data, &before).expect("the data can be moved");
    std::fs::create_dir(&data).expect("a folder");
    let Some(disk) = Disk::over(&data) else {
        kit::announce("skipped: a full disk, because this user may not mount one");
        return;
    };
    assert!(run("cp", &["-a", &format!("{}/.", before.display())], &data));
    world.program.restart("TERM");
    world.admin = world.program.admin().await;
    let admin = &world.admin;
    let path = "/api/v2/system/role";
    let role = |name: &str| json!({"resource": [{"name": name, "description": "x".repeat(1000)}]});
    assert!(admin.post(path, &role("before")).await.status < 300);

    disk.fill();
    let mut refused = 0;
    for n in 0..20 {
        let answer = admin.post(path, &role(&format!("full {n}"))).await;
        let text = answer.text();
        assert!(leak(&text, "").is_none(), "tells too much: {text}");
        match answer.status {
            503 => refused += 1,
            status => assert!(status < 300, "answered {status}: {text}"),
        }
        let read = admin.get("/api/v2/sqlite/_table/employees/10001").await;
        assert_eq!(read.status, 200, "{}", read.text());
        let read = admin.get("/api/v2/system/service?fields=name").await;
        assert_eq!(read.status, 200, "{}", read.text());
    }
    assert!(refused > 0, "the disk was never full");
    kit::announce(&format!(
        "a full disk: {refused} of 20 writes answered 503, no read refused"
    ));

    disk.empty();
    let answer = admin.post(path, &role("after")).await;
    assert!(answer.status < 300, "{}", answer.text());
    let stored = admin
        .get("/api/v2/system/role?fields=name&filter=name like 'full %25'")
        .await;
    let stored = stored.json()["resource"].as_array().map_or(0, Vec::len);
    assert_eq!(
        stored,
        20 - refused,
        "what was refused is not there, and the rest is"
    );
}
