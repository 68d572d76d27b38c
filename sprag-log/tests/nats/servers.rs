//! NATS servers as child processes, on free ports of this machine.

use std::ffi::OsString;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use sprag_log::Nats;
use tempfile::TempDir;

use crate::proxy::{Proxy, Wire};

/// Servers that end with this value.
pub(crate) struct Servers {
    nodes: Vec<Node>,
    /// The ways between the nodes: from the first to the second.
    ways: Vec<(usize, usize, Proxy)>,
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
        if !is_installed() {
            return None;
        }
        let ports: Vec<(u16, u16)> = (0..count).map(|_| (free_port(), free_port())).collect();
        let mut ways = Vec::new();
        for (from, to) in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
            if from != to {
                ways.push((from, to, Proxy::before(ports[to].1).await));
            }
        }
        let nodes = ports.iter().enumerate().map(|(index, ports)| node(index, *ports, &ways));
        let servers = Self { nodes: nodes.collect(), ways };
        for index in 0..count {
            servers.run(index);
        }
        servers.ready().await;
        Some(servers)
    }

    /// A server that keeps no streams.
    pub(crate) async fn without_jetstream() -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let mut plain = node(0, (free_port(), free_port()), &[]);
        plain.arguments.retain(|argument| argument != "-js");
        let servers = Self { nodes: vec![plain], ways: Vec::new() };
        servers.run(0);
        let port = servers.port(0);
        until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        Some(servers)
    }

    pub(crate) fn port(&self, index: usize) -> u16 {
        self.nodes[index].port
    }

    /// Cuts a node off the others, or lets it back; clients still reach it.
    pub(crate) fn isolate(&self, index: usize, wire: Wire) {
        let own = |(from, to, _): &&(usize, usize, Proxy)| *from == index || *to == index;
        self.ways.iter().filter(own).for_each(|(_, _, way)| way.set(wire));
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
        let child = Command::new(program())
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

fn node(index: usize, (port, cluster): (u16, u16), ways: &[(usize, usize, Proxy)]) -> Node {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = folder.path().display().to_string();
    let port_text = port.to_string();
    let mut arguments: Vec<String> =
        ["-a", "127.0.0.1", "-p", &port_text, "-js", "-sd", &store].map(str::to_owned).into();
    let routes = ways.iter().filter(|(from, ..)| *from == index);
    let routes: Vec<_> =
        routes.map(|(_, _, way)| format!("nats://127.0.0.1:{}", way.port())).collect();
    if !routes.is_empty() {
        let name = format!("node{index}");
        let listen = format!("nats://127.0.0.1:{cluster}");
        let clustered = ["-n", &name, "--cluster_name", "tests", "--cluster", &listen];
        arguments.extend(clustered.map(str::to_owned));
        // The nodes know each other by the ways alone: what they advertise leads nowhere.
        arguments.extend(["--cluster_advertise", "127.0.0.1:1"].map(str::to_owned));
        arguments.extend(["--routes".to_owned(), routes.join(",")]);
    }
    Node { port, arguments, child: Mutex::new(None), _folder: folder }
}

/// The server to test with.
fn program() -> OsString {
    std::env::var_os("SPRAG_NATS_SERVER").unwrap_or_else(|| "nats-server".into())
}

fn is_installed() -> bool {
    let is_installed = Command::new(program()).arg("--version").output().is_ok();
    if !is_installed {
        eprintln!("skipped: `nats-server` is not on the path");
    }
    is_installed
}

/// Looks again and again until it is so.
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    while !is_so() {
        pause.tick().await;
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
