//! The other sides of the checks: a daemon that obeys lines on standard input, and `exec`.
#![allow(unsafe_code, reason = "a thread makes a network namespace")]

use std::fs::File;
use std::io::{BufRead, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vpclab_fabric::exec::{ExecProgram, ExecTarget};
use vpclab_fabric::instance::{InstanceExit, InstanceSpec, Instances, InstancesConfig, LayerMode, LayerPlace};
use vpclab_fabric::userns;

/// `memory` or `disk`, and the state directory.
pub fn main(place: &str, state: &str) {
    let privilege = match userns::enter() {
        Ok(privilege) => privilege,
        Err(error) => {
            println!("{}", json!({"error": error.to_string(), "hint": error.hint()}));
            std::process::exit(1);
        }
    };
    let state = Path::new(state);
    let exits: Arc<Mutex<Vec<InstanceExit>>> = Arc::default();
    let seen = Arc::clone(&exits);
    let instances = Instances::open(InstancesConfig {
        layers: match place {
            "memory" => LayerPlace::Memory,
            _ => LayerPlace::Directory(state.join("instances")),
        },
        hidden: vec![state.to_owned()],
        console_logs: (place != "memory").then(|| state.join("consoles")),
        authority_pem: std::fs::read_to_string(state.join("ca.pem")).unwrap_or_default(),
        privilege,
        on_exit: Some(Arc::new(move |exit| seen.lock().unwrap().push(exit))),
    });
    let instances = match instances {
        Ok(instances) => instances,
        Err(error) => {
            println!("{}", json!({"error": error.to_string()}));
            std::process::exit(1);
        }
    };
    println!("{}", json!({"storage": format!("{:?}", instances.storage())}));
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let id = request["id"].as_str().unwrap_or_default();
        let answer = match request["do"].as_str().unwrap() {
            "start" => start(&instances, &request, id),
            "sandbox" => crate::sandbox::run(&instances, &request, id, network().into()),
            "stop" => plain(instances.stop(id)),
            "terminate" => plain(instances.terminate(id)),
            "console" => json!({"text": String::from_utf8_lossy(&instances.console(id))}),
            "running" => json!({"running": instances.get(id).is_some()}),
            "exits" => json!({"exits": format!("{:?}", exits.lock().unwrap())}),
            "many" => many(&instances, &request),
            other => panic!("{other}"),
        };
        println!("{answer}");
        std::io::stdout().flush().unwrap();
    }
}

fn plain(result: Result<(), vpclab_fabric::instance::InstanceError>) -> Value {
    match result {
        Ok(()) => json!({}),
        Err(error) => json!({"error": error.to_string()}),
    }
}

fn spec(request: &Value, id: &str) -> InstanceSpec {
    let ip: Ipv4Addr = request["ip"].as_str().unwrap_or("10.0.1.10").parse().unwrap();
    let hostname = format!("ip-{}", ip.to_string().replace('.', "-"));
    InstanceSpec {
        id: id.to_owned(),
        full_name: format!("{hostname}.ap-northeast-2.compute.internal"),
        hostname,
        private_ip: ip,
        nameservers: vec!["10.0.0.2".parse().unwrap()],
        search_domains: vec!["ap-northeast-2.compute.internal".to_owned()],
        network: network().into(),
        user_data: request["user_data"].as_str().unwrap_or_default().into(),
        first_boot: request["first_boot"].as_bool().unwrap_or(true),
        environment: vec![("AWS_REGION".to_owned(), "ap-northeast-2".to_owned())],
    }
}

fn start(instances: &Instances, request: &Value, id: &str) -> Value {
    let spec = spec(request, id);
    let before = std::time::Instant::now();
    match instances.start(spec) {
        Ok(handle) => json!({
            "ms": before.elapsed().as_secs_f64() * 1000.0,
            "pid": handle.init_pid(),
            "time": handle.start_time(),
            "read_only": match handle.layer_mode() {
                LayerMode::Overlay => vec![],
                LayerMode::ReadOnly { directories } => directories.clone(),
            },
        }),
        Err(error) => json!({"error": error.to_string(), "hint": error.hint()}),
    }
}

/// Starts `count` instances from two threads.
fn many(instances: &Instances, request: &Value) -> Value {
    let count = request["count"].as_u64().unwrap();
    let before = std::time::Instant::now();
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || {
                for number in (0..count).filter(|number| number % 2 == half) {
                    let id = format!("i-many{number}");
                    instances.start(spec(&json!({}), &id)).unwrap();
                }
            });
        }
    });
    json!({"seconds": before.elapsed().as_secs_f64()})
}

/// A new network namespace.
fn network() -> File {
    std::thread::spawn(|| {
        // SAFETY: only this thread's network namespace changes.
        unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNET) }.unwrap();
        File::open("/proc/thread-self/ns/net").unwrap()
    })
    .join()
    .unwrap()
}

/// `PID TIME [NAME=value …] -- COMMAND…`, or `shell` in place of the command.
pub fn exec(arguments: &[String]) {
    let target = ExecTarget { init_pid: arguments[0].parse().unwrap(), start_time: arguments[1].parse().unwrap() };
    let dash = arguments.iter().position(|argument| argument == "--").unwrap();
    let variables: Vec<(String, String)> = arguments[2..dash]
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let program = match &arguments[dash + 1..] {
        [word] if word == "shell" => ExecProgram::Shell { preferred: None },
        command => ExecProgram::Command(command.iter().map(Into::into).collect()),
    };
    match vpclab_fabric::exec::exec(target, &program, &variables) {
        Ok(status) => std::process::exit(status.into()),
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            std::process::exit(error.exit_status().into());
        }
    }
}

/// Says what `userns::enter` says.
pub fn enter_only() {
    match userns::enter() {
        Ok(privilege) => println!("{privilege:?}"),
        Err(error) => {
            println!("{error}; hint: {}", error.hint().unwrap_or_default());
            std::process::exit(1);
        }
    }
}
