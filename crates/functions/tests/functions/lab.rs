//! What the checks stand on: a daemon's parts without the daemon.

use serde_json::Value;
use std::{
    io::Write,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use vpclab_fabric::{
    Fabric,
    instance::{Instances, InstancesConfig, LayerPlace},
    userns,
};
use vpclab_functions::{
    Archive, Event, FunctionKeys, FunctionNetwork, FunctionVersion, Functions, FunctionsConfig, LogLine, LogPlace, LogSink, NotRun,
    Outcome, Runtime,
};

#[derive(Default)]
struct Kept(Mutex<Vec<(String, String, String)>>);

impl LogSink for Kept {
    fn write(&self, place: &LogPlace, lines: Vec<LogLine>) {
        self.0.lock().unwrap().extend(lines.into_iter().map(|line| (place.group.clone(), place.stream.clone(), line.text)));
    }
}

pub struct Lab {
    functions: Functions,
    logs: Arc<Kept>,
    directory: PathBuf,
}

/// Runs checks in a lab; prints all logs when some failed.
pub fn with(checks: impl AsyncFnOnce(Arc<Lab>) -> i32) -> i32 {
    let privilege = match userns::enter() {
        Ok(privilege) => privilege,
        Err(why) => {
            println!("skipped: {why}");
            return 0;
        }
    };
    let directory = std::env::temp_dir().join(format!("vpclab-tests-functions-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let failed = runtime.block_on(async {
        let instances = Instances::open(InstancesConfig {
            layers: LayerPlace::Memory,
            hidden: vec![directory.clone()],
            console_logs: None,
            authority_pem: String::new(),
            privilege,
            on_exit: None,
        });
        let logs = Arc::new(Kept::default());
        let functions = Functions::open(FunctionsConfig {
            fabric: Arc::new(Fabric::start().unwrap()),
            instances: Arc::new(instances.unwrap()),
            directory: directory.join("cache"),
            logs: Arc::clone(&logs) as _,
            node_modules: None,
            python_packages: None,
        });
        let lab = Arc::new(Lab { functions: functions.unwrap(), logs: Arc::clone(&logs), directory: directory.clone() });
        let failed = checks(Arc::clone(&lab)).await;
        lab.functions.end().await;
        assert_eq!(lab.functions.environments(), 0);
        if failed > 0 {
            for (_, stream, line) in logs.0.lock().unwrap().iter() {
                print!("{} {line}", &stream[stream.len() - 4..]);
            }
        }
        failed
    });
    let _ = std::fs::remove_dir_all(&directory);
    failed
}

impl Lab {
    pub fn function(&self, name: &str, runtime: &str, handler: &str, files: &[(&str, &str)]) -> FunctionVersion {
        let path = self.directory.join(format!("{name}.zip"));
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for (file, text) in files {
            zip.start_file(*file, zip::write::SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        FunctionVersion {
            scope: vpclab_cloud::Scope { account: "111122223333".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() },
            name: name.to_owned(),
            version: "$LATEST".to_owned(),
            revision: "1".to_owned(),
            runtime: Runtime::find(runtime).unwrap(),
            handler: handler.to_owned(),
            code: Archive { sha256: format!("{name:0>64}"), path },
            layers: Vec::new(),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            storage_mb: 512,
            variables: [("GREETING".to_owned(), "hello".to_owned())].into(),
            keys: FunctionKeys::default(),
            network: FunctionNetwork::Isolated,
            log_group: format!("/aws/lambda/{name}"),
            json_log: None,
            reserved: None,
        }
    }

    /// How many such lines a function has written.
    pub fn said(&self, name: &str, text: &str) -> usize {
        let group = format!("/aws/lambda/{name}");
        self.logs.0.lock().unwrap().iter().filter(|(of, _, line)| *of == group && line == text).count()
    }

    pub async fn try_invoke(&self, function: &FunctionVersion, payload: Value) -> Result<Outcome, NotRun> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let event = Event {
            request_id: format!("00000000-0000-4000-8000-{:012}", NEXT.fetch_add(1, Ordering::Relaxed)),
            invoked_arn: function.function_arn(),
            payload: payload.to_string().into(),
            trace_id: Some("Root=1-5759e988-bd862e3fe1be46a994272793".to_owned()),
            client_context: None,
        };
        self.functions.invoke(Arc::new(function.clone()), event, 0, true).await
    }

    /// The answer, the kind of error, and the end of the log.
    pub async fn invoke(&self, function: &FunctionVersion, payload: Value) -> (Value, Option<&'static str>, String) {
        let outcome = self.try_invoke(function, payload).await.unwrap();
        let tail = String::from_utf8(outcome.tail.unwrap_or_default()).unwrap();
        (serde_json::from_slice(&outcome.payload).unwrap_or_else(|_| panic!("{:?} {tail}", outcome.payload)), outcome.error, tail)
    }
}
