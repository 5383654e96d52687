//! Checks of sandboxes: what their program sees, may and may not.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Value, json};
use vpclab_fabric::instance::Instances;
use vpclab_fabric::instance::sandbox::{FREEZE, SandboxLimits, SandboxSpec, THAW};

use crate::lab::{As, Lab};

/// The daemon's side: runs a shell script to its end; answers its output and the guard's words.
pub fn run(instances: &Instances, request: &Value, id: &str, network: std::os::fd::OwnedFd) -> Value {
    let code = std::path::PathBuf::from(request["code"].as_str().unwrap());
    let before = std::time::Instant::now();
    let sandbox = instances
        .start_sandbox(SandboxSpec {
            id: id.to_owned(),
            network,
            nameservers: vec!["10.0.0.2".parse().unwrap()],
            search_domains: vec!["ap-northeast-2.compute.internal".to_owned()],
            hosts: vec![("127.1.0.1".parse().unwrap(), "there.example".to_owned())],
            program: ["/bin/sh", "-c", request["script"].as_str().unwrap()].map(str::to_owned).to_vec(),
            environment: vec![("AWS_REGION".to_owned(), "ap-northeast-2".to_owned())],
            directory: "/var/task".into(),
            mounts: vec![(code, "/var/task".into())],
            limits: SandboxLimits { memory: 64 << 20, storage: 1 << 20, processes: 50, open_files: 256 },
        })
        .unwrap();
    let ms = before.elapsed().as_secs_f64() * 1000.0;
    if request["freeze"] == true {
        let mut first = [0];
        std::fs::File::from(sandbox.output.try_clone().unwrap()).read_exact(&mut first).unwrap();
        let mut guard = &sandbox.guard;
        std::io::Write::write_all(&mut guard, &[FREEZE]).unwrap();
        let mut line = String::new();
        BufReader::new(guard).read_line(&mut line).unwrap();
        assert!(line.starts_with("used "), "{line}");
        // A frozen program writes nothing.
        rustix::io::ioctl_fionbio(&sandbox.output, true).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        while rustix::io::read(&sandbox.output, &mut [0; 4096]).is_ok_and(|count| count > 0) {}
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert_eq!(rustix::io::read(&sandbox.output, &mut [0; 1]), Err(rustix::io::Errno::AGAIN));
        rustix::io::ioctl_fionbio(&sandbox.output, false).unwrap();
        std::io::Write::write_all(&mut guard, &[THAW]).unwrap();
        assert_eq!(rustix::io::read(&sandbox.output, &mut [0; 1]), Ok(1));
        return json!({});
    }
    let mut output = String::new();
    std::fs::File::from(sandbox.output.try_clone().unwrap()).read_to_string(&mut output).unwrap();
    let mut words = String::new();
    (&sandbox.guard).read_to_string(&mut words).unwrap();
    assert!(sandbox.end(std::time::Duration::from_secs(10)));
    instances.remove_sandbox(id).unwrap();
    json!({"output": output, "words": words.lines().collect::<Vec<_>>(), "ms": ms})
}

fn script(lab: &mut Lab, id: &str, script: &str) -> (String, Vec<String>) {
    let code = lab.state.join("code");
    std::fs::create_dir_all(&code).unwrap();
    std::fs::write(code.join("file"), "the code").unwrap();
    let answer = lab.ask(json!({"do": "sandbox", "id": id, "code": code, "script": script}));
    (answer["output"].as_str().unwrap().to_owned(), serde_json::from_value(answer["words"].clone()).unwrap())
}

pub fn view(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let (output, words) = script(
        &mut lab,
        "f-1",
        "cat file; echo; cat /proc/self/status | grep -E 'CapEff|NoNewPrivs'; grep nameserver /etc/resolv.conf; ls /proc | grep -c '^[0-9]'; \
         for f in /var/task/x /etc/x /x /usr/x /dev/shm/x /run/x; do touch $f 2>/dev/null && echo wrote $f; done; \
         echo t > /tmp/x && head -c 2000000 /dev/zero > /tmp/big 2>/dev/null || echo full; ls /opt /var; echo hello > /dev/stdout; env | grep SSL_CERT; exit 3",
    );
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(
        lines,
        [
            "the code",
            "CapEff:\t0000000000000000",
            "NoNewPrivs:\t1",
            "nameserver 10.0.0.2",
            // The guard, the shell, `ls` and `grep`.
            "4",
            "full",
            "/opt:",
            "",
            "/var:",
            "task",
            "hello",
            "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
        ]
    );
    assert_eq!(words[1], "exited 3");
}

pub fn limits(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let (_, words) = script(&mut lab, "f-1", "exec python3 -c 'x = bytearray(200 << 20); import time; time.sleep(10)'");
    assert_eq!(words[1], "memory 0", "{words:?}");
    let (_, words) = script(&mut lab, "f-2", "for i in $(seq 200); do sleep 20 & done; wait");
    assert!(["processes 0", "exited 2", "exited 0", "exited 254"].contains(&words[1].as_str()), "{words:?}");
    let (output, words) = script(&mut lab, "f-3", "echo $$; kill -9 $$");
    assert_eq!((output.as_str(), words[1].as_str()), ("2\n", "killed 9"));
}

pub fn frozen(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let code = lab.state.join("code");
    std::fs::create_dir_all(&code).unwrap();
    lab.ask(json!({"do": "sandbox", "id": "f-1", "code": code, "script": "while :; do echo x; done", "freeze": true}));
}
