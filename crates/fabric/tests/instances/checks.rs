//! What must hold, one function each.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::lab::{As, Lab, eventually, exec_as, is_root, processes_in};

type Check = fn(As);

/// All checks, in the order of their telling.
pub const ALL: &[(&str, Check)] = &[
    ("names and resolver are its own", names),
    ("files changed inside are not changed outside", files),
    ("the layer is kept over stop and start and gone at terminate", layer_life),
    ("the layer outlives the daemon", layer_restart),
    ("a lab in memory leaves nothing on disk", memory),
    ("user data runs once, its server lives on, its output is on the console", user_data),
    ("user data that is not built says so", user_data_refused),
    ("the state directory is hidden", hidden),
    ("kernel file systems are its own", kernel_windows),
    ("the network is its own", network),
    ("stopping ends every process", stop_ends),
    ("an instance that ends by itself is noticed", own_end),
    ("killing the daemon leaves no process and no mount", killed_daemon),
    ("exit statuses are the command's", exec_status),
    ("exec passes pipes and variables", exec_pipes),
    ("exec's command ends with exec", exec_dies),
    ("exec passes signals on", exec_signals),
    ("exec knows a process number that is another's by now", exec_stale),
    ("exec by another user is refused", exec_other_user),
    ("programs trust the lab's authority", authority),
    ("curl, Python, Node and openssl trust a server of the lab", tls),
    ("start is quick", quick),
    ("a sandbox sees its code and can write /tmp alone", crate::sandbox::view),
    ("a sandbox is killed at its limits", crate::sandbox::limits),
    ("a frozen sandbox does nothing", crate::sandbox::frozen),
];

fn names(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    let two = lab.start_with(json!({"do": "start", "id": "i-2", "ip": "10.0.2.20"}));
    assert_eq!(lab.sh(&one, "hostname"), "ip-10-0-1-10");
    assert_eq!(lab.sh(&two, "hostname"), "ip-10-0-2-20");
    assert_eq!(lab.sh(&one, "cat /etc/resolv.conf"), "search ap-northeast-2.compute.internal\nnameserver 10.0.0.2");
    assert_eq!(lab.sh(&one, "cat /etc/hostname"), "ip-10-0-1-10");
    assert_eq!(lab.sh(&one, "getent hosts ip-10-0-1-10 | awk '{print $1, $2}'"), "10.0.1.10 ip-10-0-1-10.ap-northeast-2.compute.internal");
    assert_eq!(lab.sh(&one, "grep ^hosts: /etc/nsswitch.conf"), "hosts: files dns");
    assert_eq!(lab.sh(&one, "echo $HOME $AWS_REGION $(pwd) $(id -u)"), "/root ap-northeast-2 /root 0");
    assert_eq!(lab.sh(&one, "test -L /etc/resolv.conf || echo file"), "file");
}

fn files(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    let two = lab.start("i-2", "");
    let hosts = std::fs::read("/etc/hosts").unwrap();
    lab.sh(
        &one,
        "set -e; for d in / /etc /usr/local /usr/local/bin /usr/bin /var/lib /var/log /var/tmp /opt /srv /home /root; do
           echo x > $d/vpclab-check-x; done; mkdir -p /etc/vpclab-check-y/z /vpclab-check-top; rm /etc/hosts; rm -r /etc/skel || true",
    );
    for path in
        ["/", "/etc", "/usr/local", "/usr/local/bin", "/usr/bin", "/var/lib", "/var/log", "/var/tmp", "/opt", "/srv", "/home", "/root"]
    {
        let path = Path::new(path).join("vpclab-check-x");
        assert!(!path.exists(), "{} is on the machine", path.display());
    }
    assert!(!Path::new("/etc/vpclab-check-y").exists() && !Path::new("/vpclab-check-top").exists());
    assert_eq!(std::fs::read("/etc/hosts").unwrap(), hosts);
    // Neither do instances see each other's.
    assert_eq!(lab.sh(&two, "ls -d /*/vpclab-check* /vpclab-check* 2>/dev/null | wc -l; test -s /etc/hosts && echo hosts"), "0\nhosts");
    // The machine's programs and files are there.
    assert_eq!(lab.sh(&one, "test -x /bin/sh && test -s /etc/passwd && ls /usr/bin | wc -l | grep -c ..").as_str(), "1");
    assert!(
        one.read_only.iter().all(|path| !["/etc", "/usr", "/var", "/home", "/root", "/opt"].contains(&path.as_str())),
        "{:?}",
        one.read_only
    );
    if mode == As::Root {
        lab.sh(&one, "echo changed >> /etc/passwd && chmod 600 /usr/bin/env && grep -q changed /etc/passwd");
        assert!(!std::fs::read_to_string("/etc/passwd").unwrap().contains("changed"));
        assert!(!lab.try_sh(&one, "date -s '2001-01-01'").status.success(), "the machine's clock was set");
        assert!(!lab.try_sh(&one, "echo 1 > /proc/sys/vm/drop_caches").status.success());
        let bounds = "grep -h CapBnd /proc/1/status /proc/self/status | sort -u | wc -l";
        assert_eq!(lab.sh(&one, bounds), "1", "user data may have more capabilities than exec");
        lab.sh(&one, "echo 1 > /proc/sys/net/ipv4/ip_forward");
    }
}

fn layer_life(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    lab.sh(&one, "echo kept > /etc/vpclab-kept; echo kept > /vpclab-kept; rm /etc/hosts; rm -rf /etc/skel; mkdir -p /srv/a/b");
    lab.stop("i-1");
    let one = lab.start("i-1", "");
    assert_eq!(
        lab.sh(&one, "cat /etc/vpclab-kept /vpclab-kept; test -e /etc/hosts || echo removed; test -d /srv/a/b && echo there"),
        "kept\nkept\nremoved\nthere"
    );
    assert!(lab.state.join("instances/i-1").exists());
    lab.terminate("i-1");
    assert!(!lab.state.join("instances/i-1").exists());
    let one = lab.start("i-1", "");
    assert_eq!(lab.sh(&one, "test -e /etc/vpclab-kept || echo fresh; test -s /etc/hosts && echo hosts"), "fresh\nhosts");
    // Nothing runs, nothing is there: no mistake.
    lab.stop("i-none");
    lab.terminate("i-none");
}

fn layer_restart(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "#!/bin/sh\necho first boot\n");
    assert!(lab.storage.contains("Disk"), "{}", lab.storage);
    lab.sh(&one, "echo kept > /root/vpclab-kept");
    eventually("the console has it", || lab.console("i-1").contains("first boot"));
    let mut lab = lab.again();
    assert!(lab.console("i-1").contains("first boot"));
    let one = lab.start_with(json!({"do": "start", "id": "i-1", "first_boot": false, "user_data": "#!/bin/sh\necho first boot\n"}));
    assert_eq!(lab.sh(&one, "cat /root/vpclab-kept"), "kept");
    assert_eq!(lab.console("i-1").matches("first boot").count(), 1);
}

fn memory(mode: As) {
    let mut lab = Lab::in_memory(mode);
    let one = lab.start("i-1", "");
    assert!(lab.storage.contains("Memory { because: None }"), "{}", lab.storage);
    lab.sh(&one, "echo x > /etc/vpclab-check-x; dd if=/dev/zero of=/var/tmp/vpclab-big bs=1M count=8 2>/dev/null");
    lab.stop("i-1");
    let one = lab.start("i-1", "");
    assert_eq!(lab.sh(&one, "cat /etc/vpclab-check-x"), "x");
    let left: Vec<_> = std::fs::read_dir(lab.state.join("instances")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

fn user_data(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let script = "#!/bin/sh\necho hello from $(hostname) $(id -u) $AWS_REGION\necho to stderr >&2\n\
                  (while :; do sleep 0.05; date > /tmp/alive; done) &\necho $! > /tmp/server\nexit 3\n";
    let one = lab.start("i-1", script);
    eventually("the script has ended", || lab.console("i-1").contains("user data ended with status 3"));
    let console = lab.console("i-1");
    assert!(console.contains("hello from ip-10-0-1-10 0 ap-northeast-2\n"), "{console}");
    assert!(console.contains("to stderr\n"), "{console}");
    // Its server runs on, as a child of the first process, with nothing blocked.
    assert_eq!(
        lab.sh(&one, "cut -d' ' -f4 /proc/$(cat /tmp/server)/stat; grep SigBlk /proc/$(cat /tmp/server)/status | cut -f2"),
        "1\n0000000000000000"
    );
    lab.sh(&one, "rm -f /tmp/alive; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; test -e /tmp/alive && exit 0; done; exit 1");
    // A long talker is cut, not waited for.
    lab.start("i-2", "#!/bin/sh\nyes abcdefg | head -c 3000000\necho last words\n");
    eventually("the last words", || lab.console("i-2").contains("last words"));
    assert!(lab.console("i-2").len() <= 65_536);
    lab.stop("i-2");
    assert!(lab.console("i-2").contains("last words"), "the console is kept after stop");
    // Zombies are collected; those of the server, which looks after its own, may be seen for a moment.
    lab.sh(&one, "for i in 1 2 3 4 5; do (sleep 0.01 &) ; done; sleep 0.3");
    eventually("orphans are collected", || lab.sh(&one, "cat /proc/[0-9]*/stat | awk '$3 == \"Z\" && $4 == 1' | wc -l") == "0");
}

fn user_data_refused(mode: As) {
    let mut lab = Lab::on_disk(mode);
    for (id, data, word) in [
        ("i-1", "#cloud-config\nruncmd: []\n", "`#cloud-config` is not built"),
        ("i-2", "Content-Type: multipart/mixed; boundary=\"x\"\n", "multipart` is not built"),
        ("i-3", "echo hello\n", "was not run"),
        ("i-4", "#!/no/such/interpreter\n", "could not be run"),
    ] {
        lab.start(id, data);
        eventually(word, || lab.console(id).contains(word));
    }
}

fn hidden(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    let state = lab.state.display().to_string();
    assert!(lab.state.join("secret").exists());
    assert_eq!(lab.sh(&one, &format!("ls -A {state} | wc -l; test -d {state} && echo there")), "0\nthere");
    assert!(!lab.try_sh(&one, &format!("echo x > {state}/x")).status.success());
    assert_eq!(lab.sh(&one, "cat /proc/mounts | grep -c ' / '"), "1");
}

fn kernel_windows(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    assert_eq!(lab.sh(&one, "readlink /proc/1/ns/pid; ls -d /proc/[0-9]* | wc -l | grep -c '^[0-9]$'").lines().count(), 2);
    assert_eq!(
        lab.sh(&one, "cat /proc/1/stat | cut -d' ' -f4; ls /run | tr '\\n' ' '; ls -A /tmp | wc -l; ls /sys/class/net"),
        "0\nlock vpclab 0\nlo"
    );
    lab.sh(&one, "echo x > /dev/null; head -c 4 /dev/urandom > /tmp/r; head -c4 /dev/zero >/dev/shm/x; test -c /dev/ptmx; echo x > /dev/stderr; cat < /dev/fd/0");
    assert!(!lab.try_sh(&one, "echo x > /sys/kernel/x").status.success());
    assert_eq!(lab.sh(&one, "readlink /proc/1/fd/* | grep -v pipe:"), "/dev/null");
    assert_eq!(lab.sh(&one, "ulimit -n").parse::<u64>().unwrap().min(65_536), lab.sh(&one, "ulimit -n").parse::<u64>().unwrap());
    // A terminal can be made inside.
    lab.sh(&one, "python3 -c 'import pty,os; m,s=pty.openpty(); print(os.ttyname(s))' 2>/dev/null || true");
}

fn network(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    let two = lab.start("i-2", "");
    let net = |who| lab.sh(who, "readlink /proc/self/ns/net");
    let ours = std::fs::read_link("/proc/self/ns/net").unwrap().display().to_string();
    assert!(net(&one) != net(&two) && net(&one) != ours);
    assert_eq!(lab.sh(&one, "cat /sys/class/net/lo/flags"), "0x9");
}

fn stop_ends(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let script = "#!/bin/sh\ntrap 'echo bye; exit 0' TERM\n(trap '' TERM; while :; do sleep 1; done) &\n\
                  echo ready\nwhile :; do sleep 0.05; done\n";
    let one = lab.start("i-1", script);
    eventually("the script runs", || lab.console("i-1").contains("ready"));
    let namespace = std::fs::read_link(format!("/proc/{}/ns/pid", one.pid)).unwrap();
    assert!(processes_in(&namespace).len() >= 3);
    let mut inside = lab.exec(&one).args(["--", "sleep", "100"]).spawn().unwrap();
    lab.stop("i-1");
    assert_eq!(processes_in(&namespace), Vec::<u32>::new());
    eventually("its last words came", || lab.console("i-1").contains("bye"));
    assert_ne!(inside.wait().unwrap().code(), Some(0));
    assert_eq!(lab.ask(json!({"do": "running", "id": "i-1"}))["running"], false);
    // An idle instance does not wait for the grace of a second: a busy machine may be slow once, not each time.
    let took = ["i-2", "i-3", "i-4", "i-5"].map(|id| {
        let quiet = lab.start(id, "");
        let before = Instant::now();
        lab.stop(id);
        let took = before.elapsed();
        assert!(!Path::new(&format!("/proc/{}", quiet.pid)).exists(), "the first process was not collected");
        took
    });
    assert!(took.iter().any(|took| *took < Duration::from_millis(700)), "stopping an idle instance took {took:?}");
}

fn own_end(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    // As the machine's root, or as the user who owns it.
    Command::new("kill").args(["-9", &one.pid.to_string()]).status().unwrap();
    eventually("the daemon knows", || lab.ask(json!({"do": "running", "id": "i-1"}))["running"] == false);
    eventually("the daemon was told", || lab.ask(json!({"do": "exits"}))["exits"].to_string().contains("asked_for: false"));
    let one = lab.start("i-1", "");
    assert_eq!(lab.sh(&one, "echo again"), "again");
}

fn killed_daemon(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let mut namespaces = Vec::new();
    for id in ["i-1", "i-2", "i-3"] {
        let started = lab.start(id, "#!/bin/sh\nsetsid sleep 1000 &\nexec sleep 1000\n");
        namespaces.push(std::fs::read_link(format!("/proc/{}/ns/pid", started.pid)).unwrap());
    }
    assert!(namespaces.iter().all(|namespace| !processes_in(namespace).is_empty()));
    lab.daemon.kill().unwrap();
    lab.daemon.wait().unwrap();
    eventually("no process is left", || namespaces.iter().all(|namespace| processes_in(namespace).is_empty()));
    assert_eq!(std::fs::read_to_string("/proc/self/mountinfo").unwrap(), mounts);
    // What is left can be removed, and the lab comes up again.
    let mut lab = lab.again();
    let one = lab.start("i-1", "");
    lab.sh(&one, "true");
    lab.terminate("i-2");
}

fn exec_status(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    let status = |arguments: &[&str]| lab.exec(&one).arg("--").args(arguments).stderr(Stdio::null()).status().unwrap().code();
    assert_eq!(status(&["true"]), Some(0));
    assert_eq!(status(&["sh", "-c", "exit 42"]), Some(42));
    assert_eq!(status(&["sh", "-c", "kill -9 $$"]), Some(137));
    assert_eq!(status(&["sh", "-c", "kill -TERM $$"]), Some(143));
    assert_eq!(status(&["no-such-command"]), Some(127));
    assert_eq!(status(&["/etc/passwd"]), Some(126));
    assert_eq!(status(&[]), Some(125));
    let said = lab.exec(&one).args(["--", "no-such-command"]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("`no-such-command`: command not found in the instance"));
}

fn exec_pipes(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    let mut child = lab
        .exec(&one)
        .args(["GREETING=hello world", "--", "sh", "-c", "cat; echo $GREETING; echo err >&2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&[b'x'; 30_000]).unwrap();
    let output = child.wait_with_output();
    let output = output.unwrap();
    assert_eq!(output.stdout.len(), 30_012);
    assert_eq!(output.stderr, b"err\n");
    assert_eq!(lab.sh(&one, "env | grep -c '^CARGO'; true"), "0");
    let mut shell = lab.exec(&one).args(["--", "shell"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(b"echo $0 $(hostname)\nexit 7\n").unwrap();
    let output = shell.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().last(), Some("-bash ip-10-0-1-10"));
}

fn exec_dies(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    let mut child = lab.exec(&one).args(["--", "sleep", "4242"]).spawn().unwrap();
    let sleeps = || lab.sh(&one, "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'sleep 424[2]' || true");
    eventually("it runs", || sleeps() == "1");
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("it is gone", || sleeps() == "0");
}

fn exec_signals(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    // What is started under `nohup` or in the background of a script ignores some signals, and no shell can trap those.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    let ignored = u64::from_str_radix(ignored, 16).unwrap();
    for (signal, number, status) in [("TERM", 15, 9), ("INT", 2, 8), ("HUP", 1, 129)] {
        if ignored >> (number - 1) & 1 == 1 {
            println!("       SIG{signal} is ignored here, and not tried");
            continue;
        }
        let mut child = lab
            .exec(&one)
            .args(["--", "sh", "-c", "trap 'exit 9' TERM; trap 'exit 8' INT; echo ready; while :; do sleep 0.02; done"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 6];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status), "{signal}");
    }
}

fn exec_stale(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let mut one = lab.start("i-1", "");
    one.time += 1;
    let output = lab.try_sh(&one, "true");
    assert_eq!(output.status.code(), Some(125));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not running any more"));
    one.time -= 1;
    lab.stop("i-1");
    assert_eq!(lab.try_sh(&one, "true").status.code(), Some(125));
}

fn exec_other_user(mode: As) {
    if !is_root() {
        println!("skipped: only root can become another user");
        return;
    }
    let mut lab = Lab::on_disk(mode);
    let one = lab.start("i-1", "");
    match mode {
        As::Root => {
            let output = exec_as(As::User, &one).args(["--", "true"]).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(125));
            assert!(said.contains("permission denied: the lab belongs to user id 0") && said.contains("hint: "), "{said}");
        }
        // The machine's root may enter everybody's.
        As::User => {
            let output = exec_as(As::Root, &one).args(["--", "sh", "-c", "echo x > /etc/vpclab-check-x; id -u"]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "0", "{output:?}");
            assert!(!Path::new("/etc/vpclab-check-x").exists());
        }
    }
}

fn authority(mode: As) {
    let pem = "-----BEGIN CERTIFICATE-----\nbGFi\n-----END CERTIFICATE-----\n";
    let lab = Lab::on_disk(mode);
    std::fs::write(lab.state.join("ca.pem"), pem).unwrap();
    let mut lab = lab.again();
    let one = lab.start("i-1", "");
    assert_eq!(lab.sh(&one, "cat $NODE_EXTRA_CA_CERTS"), pem.trim());
    for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        assert_eq!(lab.sh(&one, &format!("grep -c bGFi ${variable}")), "1");
    }
    let bundle = "/etc/ssl/certs/ca-certificates.crt";
    let machine = std::fs::read_to_string(bundle).unwrap_or_default();
    assert!(!machine.contains("bGFi"));
    assert_eq!(lab.sh(&one, &format!("grep -c BEGIN {bundle}")), (machine.matches("BEGIN").count() + 1).to_string());
}

fn tls(mode: As) {
    let lab = Lab::on_disk(mode);
    let make = format!(
        "cd {} && openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj '/CN=check lab' 2>/dev/null &&
         openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost 2>/dev/null &&
         echo subjectAltName=DNS:localhost > ext && openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
           -out server.pem -days 2 -extfile ext 2>/dev/null && chmod 644 ca.pem",
        lab.state.display()
    );
    if !Command::new("sh").args(["-c", &make]).status().unwrap().success() {
        println!("skipped: openssl makes no certificates here");
        return;
    }
    let read = |name: &str| std::fs::read_to_string(lab.state.join(name)).unwrap();
    let server = format!(
        "#!/bin/sh\ncat > /root/server.pem <<'END'\n{}{}END\nopenssl s_server -accept 4443 -cert /root/server.pem -www -quiet &\n",
        read("server.pem"),
        read("server.key")
    );
    let mut lab = lab.again();
    let one = lab.start("i-1", &server);
    eventually("the server listens", || lab.try_sh(&one, "curl -sk https://localhost:4443/").status.success());
    let url = "https://localhost:4443/";
    let fetch = format!("import urllib.request as u; u.urlopen('{url}').read()");
    let node = format!("require('https').get('{url}', r => process.exit(0)).on('error', e => {{ console.error(e); process.exit(1) }})");
    for (program, line) in [
        ("curl", format!("curl -sf {url}")),
        ("curl", format!("env -i $(command -v curl) -sf {url}")),
        ("python3", format!("python3 -c \"{fetch}\"")),
        ("python3", format!("env -i /usr/bin/python3 -c \"{fetch}\"")),
        ("node", format!("node -e \"{node}\"")),
        ("openssl", "echo | env -i openssl s_client -connect localhost:4443 -verify_return_error".to_owned()),
    ] {
        if lab.try_sh(&one, &format!("{program} --version || {program} version")).status.success() {
            let output = lab.try_sh(&one, &line);
            assert!(output.status.success(), "`{line}`: {output:?}");
        } else {
            println!("skipped: no {program} here");
        }
    }
    // The machine itself does not trust it, so the check can fail.
    assert!(!lab.try_sh(&one, &format!("env CURL_CA_BUNDLE=/dev/null SSL_CERT_FILE=/dev/null curl -sf {url}")).status.success());
}

fn quick(mode: As) {
    let mut lab = Lab::on_disk(mode);
    let mut times: Vec<f64> = (0..9).map(|number| lab.start(&format!("i-{number}"), "").ms).collect();
    times.sort_by(f64::total_cmp);
    println!("start: median {:.1} ms, slowest {:.1} ms", times[4], times[8]);
    assert!(times[4] < 250.0, "{times:?}");
}
