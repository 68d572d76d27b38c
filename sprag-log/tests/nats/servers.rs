//! NATS servers as child processes, on free ports of this machine.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use std::{fs, io};

use async_nats::jetstream::stream::Info;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use sprag_log::Nats;
use tempfile::TempDir;
use test_support::skip;
use tokio::time::timeout;

use crate::proxy::{Proxy, Wire};

/// How often a cluster is started anew, and how long each time may take.
const ATTEMPTS: usize = 4;
const READY_WITHIN: Duration = Duration::from_secs(30);
/// The names of the nodes of a cluster, before their number.
const NODE: &str = "node";

/// Servers that end with this value.
pub(crate) struct Servers {
    nodes: Vec<Node>,
    /// The connections between the nodes: from the first to the second.
    ways: Vec<(usize, usize, Proxy)>,
}

struct Node {
    port: u16,
    arguments: Vec<String>,
    child: Mutex<Option<Child>>,
    folder: TempDir,
}

impl Servers {
    /// Starts `count` servers, which are one cluster; `None` where there is no
    /// `nats-server`.
    ///
    /// # Panics
    ///
    /// When no attempt ends with a cluster that makes streams.
    pub(crate) async fn start(count: usize) -> Option<Self> {
        Self::try_ports(async || Self::choose(count).await, Self::ready).await
    }

    /// Starts a server without JetStream; `None` where there is no `nats-server`.
    ///
    /// # Panics
    ///
    /// When no attempt ends with a server that takes clients.
    pub(crate) async fn without_jetstream() -> Option<Self> {
        let choose = async || {
            let mut plain = node(0, (port(&listen()), port(&listen())), &[]);
            plain.arguments.retain(|argument| argument != "-js");
            Self { nodes: vec![plain], ways: Vec::new() }
        };
        Self::try_ports(choose, Self::bound).await
    }

    /// Starts the servers that `choose` returns and waits until they are ready; with other
    /// ports if they are not in time. Another process may take a port between its choice and
    /// the start of a server, and a cluster that lacks a node never makes a stream on each.
    async fn try_ports(choose: impl AsyncFn() -> Self, ready: impl AsyncFn(&Self)) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        for _ in 0..ATTEMPTS {
            let servers = choose().await;
            (0..servers.count()).for_each(|index| servers.run(index));
            if timeout(READY_WITHIN, ready(&servers)).await.is_ok() {
                return Some(servers);
            }
        }
        panic!("the servers were not ready in {ATTEMPTS} attempts of {READY_WITHIN:?}");
    }

    /// Chooses ports for `count` servers and puts a proxy on each way between two of them.
    async fn choose(count: usize) -> Self {
        let listeners: Vec<_> = (0..count).map(|_| (listen(), listen())).collect();
        let ports: Vec<_> = listeners.iter().map(|(own, peer)| (port(own), port(peer))).collect();
        let mut ways = Vec::new();
        for (from, to) in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
            if from != to {
                ways.push((from, to, Proxy::before(ports[to].1).await));
            }
        }
        let nodes = ports.iter().enumerate().map(|(index, ports)| node(index, *ports, &ways));
        Self { nodes: nodes.collect(), ways }
    }

    pub(crate) fn port(&self, index: usize) -> u16 {
        self.nodes[index].port
    }

    /// Separates a node from the others; clients still reach it. Nothing passes any more when this
    /// returns.
    pub(crate) async fn isolate(&self, index: usize) {
        self.ways_of(index).for_each(|way| way.set(Wire::Cut));
        for way in self.ways_of(index) {
            way.closed().await;
        }
    }

    /// Connects a node with the others again.
    pub(crate) fn reconnect(&self, index: usize) {
        self.ways_of(index).for_each(|way| way.set(Wire::Whole));
    }

    fn ways_of(&self, index: usize) -> impl Iterator<Item = &Proxy> {
        let own = self.ways.iter().filter(move |(from, to, _)| *from == index || *to == index);
        own.map(|(_, _, way)| way)
    }

    /// The node that leads the stream of the entries.
    pub(crate) async fn leader(&self) -> usize {
        let addresses: Vec<_> = self.nodes.iter().map(Node::address).collect();
        let client = async_nats::connect(addresses.as_slice()).await.expect("the servers answer");
        let context = async_nats::jetstream::new(client);
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        loop {
            pause.tick().await;
            // No node leads during an election.
            if let Ok(stream) = context.get_stream("sprag").await
                && let Some(leader) = led_by(stream.cached_info())
            {
                return leader;
            }
        }
    }

    /// The address of one node.
    pub(crate) fn address(&self, index: usize) -> String {
        self.nodes[index].address()
    }

    pub(crate) fn count(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn addresses(&self) -> String {
        self.nodes.iter().map(Node::address).collect::<Vec<_>>().join(",")
    }

    /// Ends a server as `kill -9` does.
    pub(crate) fn kill(&self, index: usize) {
        let child = self.nodes[index].child.lock().expect("no test panics here").take();
        if let Some(mut child) = child {
            child.kill().expect("it runs");
            child.wait().expect("it ends");
        }
    }

    /// Removes the store of a server that was killed.
    pub(crate) fn empty(&self, index: usize) {
        let store = self.nodes[index].folder.path().join("jetstream");
        fs::remove_dir_all(store).expect("the server had streams");
    }

    /// Copies the store of a server that was killed.
    pub(crate) fn copy(&self, index: usize) -> TempDir {
        let copy = tempfile::tempdir().expect("a folder can be made");
        let store = self.nodes[index].folder.path().join("jetstream");
        copy_folder(&store, copy.path()).expect("the server had streams");
        copy
    }

    /// Replaces the store of a server that was killed by an earlier copy.
    pub(crate) fn restore(&self, index: usize, copy: &TempDir) {
        self.empty(index);
        let store = self.nodes[index].folder.path().join("jetstream");
        copy_folder(copy.path(), &store).expect("the copy is there");
    }

    /// Stops a server without ending it, as a machine that swaps or pauses does.
    pub(crate) fn stall(&self, index: usize) {
        let process = self.signal(index, Signal::SIGSTOP);
        // Until then a thread of the server may still reply.
        waitpid(process, Some(WaitPidFlag::WUNTRACED)).expect("it is a child of this process");
    }

    /// Lets a stalled server go on.
    pub(crate) fn resume(&self, index: usize) {
        self.signal(index, Signal::SIGCONT);
    }

    fn signal(&self, index: usize, signal: Signal) -> Pid {
        let child = self.nodes[index].child.lock().expect("no test panics here");
        let process = child.as_ref().expect("it runs").id();
        let process = Pid::from_raw(process.try_into().expect("a process id"));
        nix::sys::signal::kill(process, signal).expect("it runs");
        process
    }

    /// Starts a server that was killed, and waits until the cluster makes streams.
    pub(crate) async fn restart(&self, index: usize) {
        self.run(index);
        // While the server was down a connection may have taken its port.
        while timeout(READY_WITHIN, self.ready()).await.is_err() {
            self.kill(index);
            self.run(index);
        }
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
        self.bound().await;
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        loop {
            pause.tick().await;
            let ready = Nats::connect(self.addresses()).stream("READY").replicas(self.count());
            if ready.await.is_ok() {
                return;
            }
        }
    }

    /// Waits until each server has its port. A connection proves less: another server may
    /// have the port, and a socket can connect to itself.
    async fn bound(&self) {
        until(|| self.nodes.iter().all(Node::is_bound)).await;
    }
}

impl Node {
    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Whether the server that runs has written the file of its ports.
    fn is_bound(&self) -> bool {
        let child = self.child.lock().expect("no test panics here");
        let own = child.as_ref().map(|child| format!("_{}.ports", child.id()));
        let mut files = self.folder.path().read_dir().expect("the folder is there").flatten();
        own.is_some_and(|own| files.any(|file| file.file_name().to_string_lossy().ends_with(&own)))
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
        ["-a", "127.0.0.1", "-p", &port_text, "-js", "-sd", &store, "--ports_file_dir", &store]
            .map(str::to_owned)
            .into();
    let routes = ways.iter().filter(|(from, ..)| *from == index);
    let routes: Vec<_> =
        routes.map(|(_, _, way)| format!("nats://127.0.0.1:{}", way.port())).collect();
    if !routes.is_empty() {
        let name = format!("{NODE}{index}");
        // A name of its own keeps the nodes of another test out.
        let cluster_name = format!("tests-{}", ways[0].2.port());
        let listen = format!("nats://127.0.0.1:{cluster}");
        let clustered = ["-n", &name, "--cluster_name", &cluster_name, "--cluster", &listen];
        arguments.extend(clustered.map(str::to_owned));
        // The nodes connect through the proxies alone: the address that they advertise
        // leads nowhere.
        arguments.extend(["--cluster_advertise", "127.0.0.1:1"].map(str::to_owned));
        arguments.extend(["--routes".to_owned(), routes.join(",")]);
    }
    Node { port, arguments, child: Mutex::new(None), folder }
}

/// The number of the node that leads a stream, which is a part of the node's name.
fn led_by(info: &Info) -> Option<usize> {
    info.cluster.as_ref()?.leader.as_ref()?.strip_prefix(NODE)?.parse().ok()
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// The server to test with.
fn program() -> OsString {
    std::env::var_os("SPRAG_NATS_SERVER").unwrap_or_else(|| "nats-server".into())
}

fn is_installed() -> bool {
    let is_installed = Command::new(program()).arg("--version").output().is_ok();
    if !is_installed {
        skip("there is no `nats-server`; `SPRAG_NATS_SERVER` names one that is not in the `PATH`");
    }
    is_installed
}

/// Polls until `is_so` returns true.
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    while !is_so() {
        pause.tick().await;
    }
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port is free")
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("the listener is bound").port()
}
