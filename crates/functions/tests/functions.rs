//! Functions on the real kernel. A program of its own, not libtest: a sandbox's first process is this binary again, and user
//! namespaces must be entered before the first thread. Run one check by a part of its name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a check may fail at any line, and this is `main`"
)]

#[path = "functions/lab.rs"]
mod lab;

use lab::Lab;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use vpclab_cloud::function::{ApplicationLogLevel, JsonLog, SystemLogLevel};
use vpclab_functions::{FunctionVersion, NotRun};

const PYTHON: &str = r#"
import os, sys, time, logging, socket
count = 0
def handler(event, context):
    global count
    count += 1
    do = event.get("do")
    if do == "fail": raise KeyError("x")
    if do == "sleep": time.sleep(event["s"])
    if do == "wait":
        print("begun", flush=True)
        time.sleep(event["s"])
    if do == "eat": x = bytearray(400 << 20); time.sleep(20)
    if do == "exit": sys.exit(3)
    if do == "set": return {1, 2}
    if do == "big": return "x" * (7 << 20)
    if do == "write": open("/var/task/x", "w")
    if do == "log":
        print("printed"); logging.getLogger().warning("warned"); return None
    if do == "connect":
        try: socket.create_connection(("10.0.0.2", 53), 1)
        except OSError as error: return str(error)
    return {"event": event, "count": count, "greeting": os.environ["GREETING"], "left": context.get_remaining_time_in_millis() > 2000,
            "name": context.function_name, "memory": context.memory_limit_in_mb,
            "arn": context.invoked_function_arn, "trace": os.environ["_X_AMZN_TRACE_ID"]}
"#;

async fn python(lab: &Lab) {
    let function = lab.function("py", "python3.12", "dir/app.handler", &[("dir/app.py", PYTHON)]);
    let (answer, error, tail) = lab.invoke(&function, json!({"a": "ü"})).await;
    assert_eq!((answer["event"]["a"].as_str(), answer["count"].as_i64(), error), (Some("ü"), Some(1), None), "{answer} {tail}");
    assert_eq!((&answer["greeting"], &answer["left"]), (&json!("hello"), &json!(true)));
    assert_eq!((&answer["memory"], &answer["name"]), (&json!("128"), &json!("py")));
    assert_eq!(answer["arn"], "arn:aws:lambda:ap-northeast-2:111122223333:function:py");
    assert_eq!(answer["trace"], "Root=1-5759e988-bd862e3fe1be46a994272793");
    assert!(tail.contains("START RequestId: 00000000-") && tail.contains("Init Duration: "), "{tail}");
    assert!(tail.contains("\tMemory Size: 128 MB\tMax Memory Used: ") && !tail.contains("Max Memory Used: 0 MB"), "{tail}");
    let (answer, _, tail) = lab.invoke(&function, json!({})).await;
    assert_eq!(answer["count"], 2, "the environment is used again");
    assert!(!tail.contains("Init Duration"), "{tail}");
    let (answer, error, tail) = lab.invoke(&function, json!({"do": "fail"})).await;
    assert_eq!((error, &answer["errorType"], &answer["errorMessage"]), (Some("Unhandled"), &json!("KeyError"), &json!("'x'")));
    assert!(answer["stackTrace"][0].as_str().unwrap().contains("/var/task/dir/app.py"), "{answer}");
    assert_eq!(answer["stackTrace"].as_array().unwrap().len(), 1);
    assert!(tail.contains("[ERROR] KeyError: 'x'\rTraceback"), "{tail}");
    assert_eq!(lab.invoke(&function, json!({"do": "set"})).await.0["errorType"], "Runtime.MarshalError");
    let (answer, error, _) = lab.invoke(&function, json!({"do": "big"})).await;
    assert_eq!((&answer["errorType"], error), (&json!("Function.ResponseSizeTooLarge"), Some("Unhandled")));
    let (answer, ..) = lab.invoke(&function, json!({"do": "write"})).await;
    assert_eq!(answer["errorMessage"], "[Errno 30] Read-only file system: '/var/task/x'");
    assert_eq!(lab.invoke(&function, json!({"do": "connect"})).await.0, "[Errno 101] Network is unreachable");
    assert_eq!(lab.invoke(&function, json!({})).await.0["count"], 8, "an error does not end the environment");
    let (_, _, tail) = lab.invoke(&function, json!({"do": "log"})).await;
    assert!(tail.contains("\nprinted\n[WARNING]\t2"), "{tail}");
    assert!(tail.contains("\t00000000-0000-4000-8000-000000000") && tail.contains("\twarned\nEND RequestId"), "{tail}");
    let changed = FunctionVersion { revision: "2".into(), ..function };
    assert_eq!(lab.invoke(&changed, json!({})).await.0["count"], 1, "another revision is another environment");
}

async fn ends(lab: &Lab) {
    let function = lab.function("ends", "python3.12", "app.handler", &[("app.py", PYTHON)]);
    let function = FunctionVersion { timeout: Duration::from_secs(1), ..function };
    let before = Instant::now();
    let (answer, error, tail) = lab.invoke(&function, json!({"do": "sleep", "s": 30})).await;
    assert_eq!((error, &answer["errorType"]), (Some("Unhandled"), &json!("Sandbox.Timedout")));
    assert!(answer["errorMessage"].as_str().unwrap().ends_with("Error: Task timed out after 1.00 seconds"), "{answer}");
    assert!(before.elapsed() < Duration::from_secs(25), "it sleeps for 30 s");
    assert!(tail.contains("Task timed out after 1.00 seconds") && tail.contains("\tStatus: timeout"), "{tail}");
    assert_eq!(lab.invoke(&function, json!({})).await.0["count"], 1, "a new environment");
    let (answer, ..) = lab.invoke(&function, json!({"do": "exit"})).await;
    assert_eq!(answer["errorType"], "Runtime.ExitError");
    assert!(answer["errorMessage"].as_str().unwrap().ends_with("Error: Runtime exited with error: exit status 3"), "{answer}");
    let function = FunctionVersion { timeout: Duration::from_secs(10), ..function };
    let (answer, _, tail) = lab.invoke(&function, json!({"do": "eat"})).await;
    assert!(answer["errorMessage"].as_str().unwrap().ends_with("Error: Runtime exited with error: signal: killed"), "{answer} {tail}");
    assert!(tail.contains("Max Memory Used: 128 MB"), "{tail}");
}

async fn starts(lab: &Lab) {
    for (name, handler, text, kind, message) in [
        ("s1", "nope.handler", "", "Runtime.ImportModuleError", "Unable to import module 'nope': No module named 'nope'"),
        ("s2", "app.nope", "", "Runtime.HandlerNotFound", "Handler 'nope' missing on module 'app'"),
        ("s3", "app", "", "Runtime.MalformedHandlerName", "Bad handler 'app': not enough values to unpack (expected 2, got 1)"),
        ("s4", "app.h", "def (", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': invalid syntax (app.py, line 1)"),
        ("s5", "app.h", "raise ValueError('no')", "ValueError", "no"),
    ] {
        let function = lab.function(name, "python3.12", handler, &[("app.py", text)]);
        let (answer, error, _) = lab.invoke(&function, json!({})).await;
        assert_eq!((error, &answer["errorType"], &answer["errorMessage"]), (Some("Unhandled"), &json!(kind), &json!(message)));
    }
    let function = lab.function("s6", "provided.al2023", "x", &[("other", "")]);
    let (answer, ..) = lab.invoke(&function, json!({})).await;
    assert!(answer["errorMessage"].as_str().unwrap().contains("No such file or directory"), "{answer}");
}

async fn node(lab: &Lab) {
    let script = r"
        exports.handler = async (event, context) => {
          console.log('hi');
          if (event.fail) throw new TypeError('no');
          return { event, name: context.functionName, left: context.getRemainingTimeInMillis() > 2000 };
        };
        exports.callback = (event, context, callback) => setTimeout(() => callback(null, 'late'), 50);
        exports.now = (event, context, callback) => {
          context.callbackWaitsForEmptyEventLoop = false;
          setTimeout(() => {}, 100000);
          callback(null, 'now');
        };
        exports.nothing = () => {};
        exports.crash = () => new Promise(() => setTimeout(() => { throw new Error('boom'); }, 1));";
    let function = lab.function("node", "nodejs20.x", "index.handler", &[("index.js", script)]);
    let (answer, error, tail) = lab.invoke(&function, json!({"a": 1})).await;
    assert_eq!((&answer["event"]["a"], &answer["name"], error), (&json!(1), &json!("node"), None), "{answer} {tail}");
    assert!(tail.contains("\tINFO\thi\n"), "{tail}");
    let (answer, error, _) = lab.invoke(&function, json!({"fail": true})).await;
    assert_eq!((error, &answer["errorType"], &answer["errorMessage"]), (Some("Unhandled"), &json!("TypeError"), &json!("no")));
    assert!(answer["trace"][0].as_str().unwrap().contains("TypeError: no"), "{answer}");
    for (handler, expected) in [("callback", json!("late")), ("now", json!("now")), ("nothing", Value::Null)] {
        let function = FunctionVersion { handler: format!("index.{handler}"), revision: handler.into(), ..function.clone() };
        assert_eq!(lab.invoke(&function, json!({})).await.0, expected);
        assert_eq!(lab.invoke(&function, json!({})).await.0, expected, "a second time");
    }
    let crash = FunctionVersion { handler: "index.crash".into(), revision: "crash".into(), ..function.clone() };
    assert_eq!(lab.invoke(&crash, json!({})).await.0["errorMessage"], "boom");
    let module = lab.function("esm", "nodejs20.x", "lib/app.handler", &[("lib/app.mjs", "export const handler = async () => 'esm';")]);
    assert_eq!(lab.invoke(&module, json!({})).await.0, "esm");
    let missing = lab.function("missing", "nodejs20.x", "nope.handler", &[("x", "")]);
    assert_eq!(lab.invoke(&missing, json!({})).await.0["errorType"], "Runtime.ImportModuleError");
}

/// The kinds of what Lambda wrote, and the lines of the program: objects, or the text of what is none.
fn logged(tail: &str) -> (Vec<String>, Vec<Value>) {
    let lines = tail.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|_| json!(line)));
    let (system, program): (Vec<_>, Vec<_>) = lines.partition(|line| line.get("type").is_some());
    (system.iter().map(|line| line["type"].as_str().unwrap().replace("platform.", "")).collect(), program)
}

async fn json_log(lab: &Lab) {
    let script = r#"
import logging, sys
def handler(event, context):
    print("plain")
    print('{"level": "debug", "msg": "mine"}')
    logging.getLogger("pets").info("hello %s", "x", extra={"pet": 7})
    logging.debug("fine")
    try: 1 / 0
    except ZeroDivisionError: logging.exception("oh")
    if event.get("fail"): raise KeyError("x")
    if event.get("exit"): sys.exit(3)
"#;
    let with = |application, system| Some(JsonLog { application, system });
    let function = lab.function("json", "python3.12", "app.handler", &[("app.py", script)]);
    let function = FunctionVersion { json_log: with(ApplicationLogLevel::Info, SystemLogLevel::Info), ..function };
    let (_, _, tail) = lab.invoke(&function, json!({})).await;
    let (system, program) = logged(&tail);
    assert_eq!(system, ["start", "report"], "{tail}");
    let [plain, hello, oh] = program.as_slice() else { panic!("{tail}") };
    assert_eq!((plain, &hello["message"], &hello["logger"]), (&json!("plain"), &json!("hello x"), &json!("pets")));
    assert_eq!((&hello["level"], &hello["pet"]), (&json!("INFO"), &json!(7)));
    assert!(
        hello["requestId"].as_str().unwrap().starts_with("00000000-") && hello["timestamp"].as_str().unwrap().ends_with('Z'),
        "{hello}"
    );
    assert_eq!(
        (&oh["errorType"], &oh["errorMessage"], &oh["level"]),
        (&json!("ZeroDivisionError"), &json!("division by zero"), &json!("ERROR"))
    );
    assert_eq!(oh["location"], "/var/task/app.py:handler:9");
    assert!(oh["stackTrace"][0].as_str().unwrap().contains("1 / 0"), "{oh}");
    let report: Value = serde_json::from_str(tail.lines().last().unwrap()).unwrap();
    assert_eq!((&report["record"]["status"], &report["record"]["metrics"]["memorySizeMB"]), (&json!("success"), &json!(128)));
    assert!(report["record"]["metrics"]["initDurationMs"].as_f64().unwrap() > 0.0, "{report}");
    assert_eq!(lab.said("json", &format!("{}\n", tail.lines().last().unwrap())), 1, "the same line is kept");

    let quiet =
        FunctionVersion { json_log: with(ApplicationLogLevel::Error, SystemLogLevel::Warn), revision: "2".into(), ..function.clone() };
    let (_, _, tail) = lab.invoke(&quiet, json!({})).await;
    let (system, program) = logged(&tail);
    assert_eq!((system.len(), program.len(), &program[0]["message"]), (0, 1, &json!("oh")), "{tail}");
    let (answer, _, tail) = lab.invoke(&quiet, json!({"fail": true})).await;
    let (system, program) = logged(&tail);
    assert_eq!(system, ["runtimeDone", "report"]);
    assert_eq!((&program[1]["errorType"], &program[1]["stackTrace"]), (&json!("KeyError"), &answer["stackTrace"]), "{tail}");
    assert!(tail.contains(r#""status":"error","errorType":"KeyError""#), "{tail}");
    let (_, _, tail) = lab.invoke(&quiet, json!({"exit": true})).await;
    assert!(tail.contains(r#""errorType":"Runtime.ExitError""#) && !tail.contains("RequestId:"), "{tail}");

    let all = FunctionVersion { json_log: with(ApplicationLogLevel::Trace, SystemLogLevel::Debug), revision: "3".into(), ..function };
    let (_, _, tail) = lab.invoke(&all, json!({})).await;
    let (system, program) = logged(&tail);
    assert_eq!(system, ["initRuntimeDone", "initReport", "start", "runtimeDone", "report"], "{tail}");
    assert_eq!((program.len(), &program[1]["msg"], &program[3]["message"]), (5, &json!("mine"), &json!("fine")), "{tail}");
}

async fn json_log_of_node(lab: &Lab) {
    let script = r"
        exports.handler = async (event) => {
          console.log({ pet: 7 });
          console.warn('two', 'words');
          console.debug('fine');
          console.error('no', new TypeError('bad'));
          if (event.fail) throw new RangeError('far');
        };";
    let function = lab.function("jsonnode", "nodejs20.x", "index.handler", &[("index.js", script)]);
    let function = FunctionVersion { json_log: Some(JsonLog::default()), ..function };
    let (_, _, tail) = lab.invoke(&function, json!({"fail": true})).await;
    let (system, program) = logged(&tail);
    assert_eq!(system, ["start", "runtimeDone", "report"], "{tail}");
    let [object, words, error, thrown] = program.as_slice() else { panic!("{tail}") };
    assert_eq!((&object["message"], &object["level"]), (&json!({"pet": 7}), &json!("INFO")));
    assert_eq!((&words["message"], &words["level"]), (&json!("two words"), &json!("WARN")));
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&json!("TypeError"), &json!("bad")));
    assert_eq!((&thrown["level"], &thrown["message"]["errorType"]), (&json!("ERROR"), &json!("RangeError")));
    assert!(thrown["message"]["stackTrace"][0].as_str().unwrap().contains("RangeError: far"), "{thrown}");
}

async fn provided(lab: &Lab) {
    let bootstrap = r#"#!/bin/bash
while true; do
  exec 3<>/dev/tcp/${AWS_LAMBDA_RUNTIME_API/:/\/}
  printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.0\r\n\r\n' >&3
  id=$(tr -d '\r' <&3 | sed -n 's/^lambda-runtime-aws-request-id: //Ip')
  exec 3<>/dev/tcp/${AWS_LAMBDA_RUNTIME_API/:/\/}
  printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.0\r\nContent-Length: 4\r\n\r\n"ok"' $id >&3
  cat <&3 >/dev/null
done
"#;
    let function = lab.function("provided", "provided.al2023", "unused", &[("bootstrap", bootstrap)]);
    // It forks where it is stopped after an answer: no child may stay stopped.
    for turn in 0..1000 {
        assert_eq!(lab.invoke(&function, json!({})).await.0, "ok", "call {turn}");
    }
}

async fn concurrency(lab: &Arc<Lab>) {
    let function = lab.function("many", "python3.12", "app.handler", &[("app.py", PYTHON)]);
    let function = FunctionVersion { reserved: Some(4), timeout: Duration::from_secs(10), ..function };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (lab, function) = (Arc::clone(lab), function.clone());
        tasks.spawn(async move { lab.try_invoke(&function, json!({"do": "wait", "s": 60})).await.unwrap() });
    }
    // All four have begun before one is over: they run side by side.
    let begun = async {
        while lab.said("many", "begun\n") < 4 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), begun).await.expect("four calls have begun");
    assert_eq!(lab.try_invoke(&function, json!({})).await, Err(NotRun::Throttled { reserved: true }));
    while let Some(done) = tasks.join_next().await {
        assert_eq!(done.unwrap().error, Some("Unhandled"), "they time out");
    }
    assert!(lab.try_invoke(&function, json!({})).await.is_ok());
}

async fn quick(lab: &Lab) {
    let function = lab.function("quick", "python3.12", "app.handler", &[("app.py", "def handler(e, c): return 1")]);
    let before = Instant::now();
    lab.invoke(&function, json!({})).await;
    let cold = before.elapsed();
    let before = Instant::now();
    for _ in 0..100 {
        lab.invoke(&function, json!({})).await;
    }
    println!("       cold {cold:?}, warm {:?}", before.elapsed() / 100);
}

fn main() {
    vpclab_fabric::instance::run_init_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let wanted: Vec<String> = arguments.into_iter().filter(|a| !a.starts_with('-')).collect();
    let failed = lab::with(async |lab| {
        let mut failed = 0;
        macro_rules! check {
            ($($check:ident)*) => {$(
                if wanted.is_empty() || wanted.iter().any(|part| stringify!($check).contains(part.as_str())) {
                    let own = Arc::clone(&lab);
                    let held = tokio::spawn(async move { $check(&own).await }).await.is_ok();
                    failed += i32::from(!held);
                    println!("{} {}", if held { "ok    " } else { "FAILED" }, stringify!($check));
                }
            )*};
        }
        check! { python ends starts node json_log json_log_of_node provided concurrency quick }
        failed
    });
    std::process::exit(failed.min(1));
}
