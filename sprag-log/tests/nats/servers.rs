//! NATS servers as child processes, on free ports of this machine.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use sprag_log::Nats;
use tempfile::TempDir;

/// Servers that end with this value.
pub(crate) struct Servers {
    nodes: Vec<Node>,
}

struct Node {
    port: u16,
    arguments: Vec<String>,
    child: Mutex<Option<Child>>,
    _folder: TempDir,
}

impl Servers {
    /// Starts `count` servers, which are one cluster; `None` where there is no
    /// `nats-server`.
    pub(crate) async fn start(count: usize) -> Option<Self> {
        if Command::new("nats-server").arg("--version").output().is_err() {
            eprintln!("skipped: `nats-server` is not on the path");
            return None;
        }
        let ports: Vec<(u16, u16)> = (0..count).map(|_| (free_port(), free_port())).collect();
        let routes: Vec<String> =
            ports.iter().map(|(_, cluster)| format!("nats://127.0.0.1:{cluster}")).collect();
        let nodes = ports.iter().enumerate().map(|(index, ports)| node(index, *ports, &routes));
        let servers = Self { nodes: nodes.collect() };
        for index in 0..count {
            servers.run(index);
        }
        servers.ready().await;
        Some(servers)
    }

    pub(crate) fn count(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn addresses(&self) -> String {
        let addresses = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port));
        addresses.collect::<Vec<_>>().join(",")
    }

    /// Ends a server as `kill -9` does.
    pub(crate) fn kill(&self, index: usize) {
        let child = self.nodes[index].child.lock().expect("no test panics here").take();
        if let Some(mut child) = child {
            child.kill().expect("it runs");
            child.wait().expect("it ends");
        }
    }

    pub(crate) async fn restart(&self, index: usize) {
        self.run(index);
        self.ready().await;
    }

    fn run(&self, index: usize) {
        let node = &self.nodes[index];
        let child = Command::new("nats-server")
            .args(&node.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        *node.child.lock().expect("no test panics here") = Some(child);
    }

    /// Waits until streams with a copy on each server can be made.
    async fn ready(&self) {
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        loop {
            pause.tick().await;
            let ready = Nats::connect(self.addresses()).stream("READY").replicas(self.count());
            if ready.await.is_ok() {
                return;
            }
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        (0..self.count()).for_each(|index| self.kill(index));
    }
}

fn node(index: usize, (port, cluster): (u16, u16), routes: &[String]) -> Node {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = folder.path().display().to_string();
    let port_text = port.to_string();
    let mut arguments: Vec<String> =
        ["-a", "127.0.0.1", "-p", &port_text, "-js", "-sd", &store].map(str::to_owned).into();
    if routes.len() > 1 {
        let name = format!("node{index}");
        let listen = format!("nats://127.0.0.1:{cluster}");
        let routes = routes.join(",");
        let clustered = ["-n", &name, "--cluster_name", "tests", "--cluster", &listen];
        arguments.extend(clustered.map(str::to_owned));
        arguments.extend(["--routes".to_owned(), routes]);
    }
    Node { port, arguments, child: Mutex::new(None), _folder: folder }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
