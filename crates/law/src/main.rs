//! The differential law: for topologies and calls by chance, what is judged in advance and what the packets do is the same.
//!
//! `vpclab-law --calls 300 --seed 7` makes topologies by the operations of the AWS APIs, leads real namespaces, resolvers and gateways to
//! them, explains each call and makes it, and compares how they end: the kind of failure, and for errors of API Gateway status, error type
//! and body. A disagreement is a bug of one side; it is cut down to the steps it needs and written as a fixture, which
//! `vpclab-law --replay crates/law/fixtures` tries again for ever.
//!
//! It needs the rights that a lab needs: root, or user namespaces. Exit code 0 when all agree, 1 when some do not or too
//! few could be tried, 4 when the machine forbids it.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod case;
mod compare;
mod dice;
mod generate;
mod ground;
mod run;
mod shrink;
mod tables;
mod trial;
mod world;

use anstream::{eprintln, println};
use case::Case;
use clap::Parser;
use run::Tally;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

/// Exit code when the machine forbids what a lab needs.
const FORBIDDEN: u8 = 4;

/// Holds what is judged of calls against what the packets do, in topologies by chance.
#[derive(Parser)]
struct Args {
    /// How many calls
    #[arg(long, default_value_t = 300)]
    calls: usize,
    /// The seed; another one each time when it is not said
    #[arg(long)]
    seed: Option<u64>,
    /// Topologies at a time
    #[arg(long, default_value_t = 6)]
    at_once: usize,
    /// Where disagreements are written
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Try the fixtures of a directory instead
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // Read before the rights change.
    let fixtures = match args.replay.as_deref().map(read).transpose() {
        Ok(fixtures) => fixtures,
        Err(why) => {
            eprintln!("the fixtures cannot be read: {why}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(why) = vpclab_fabric::userns::enter() {
        eprintln!("this machine cannot run the law: {why}");
        if let Some(hint) = why.hint() {
            eprintln!("hint: {hint}");
        }
        return ExitCode::from(FORBIDDEN);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match fixtures {
            Some(fixtures) => replay(fixtures).await,
            None => law(&args).await,
        }
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("the law could not be tried: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn law(args: &Args) -> Result<bool, ground::GroundError> {
    let seed = args.seed.unwrap_or_else(chance);
    println!("seed {seed}, {} calls", args.calls);
    let started = Instant::now();
    let tally = run::run(seed, args.calls, args.at_once).await?;
    tell(&tally, seed, &args.out);
    println!(
        "{} calls in {} topologies, {} disagreements, {:.0} s",
        tally.calls,
        tally.topologies,
        tally.disagreements.len(),
        started.elapsed().as_secs_f64()
    );
    let short = tally.shortfall(args.calls);
    if let Some(short) = &short {
        println!("the law was not tried: {short}");
    }
    Ok(short.is_none() && tally.disagreements.is_empty())
}

fn tell(tally: &Tally, seed: u64, out: &Path) {
    for (word, count) in &tally.ends {
        println!("{count:>7}  {word}");
    }
    if tally.open > 0 {
        println!("{:>7}  judged as open: it hangs on what no state says", tally.open);
    }
    if tally.nobody > 0 {
        println!("{:>7}  have nobody to make them, and do not count", tally.nobody);
    }
    if tally.unmade > 0 {
        println!("{:>7}  could not be made: {}", tally.unmade, tally.why_unmade.as_deref().unwrap_or_default());
    }
    for (n, (case, tried)) in tally.disagreements.iter().enumerate() {
        let path = out.join(format!("law-{seed}-{n}.json"));
        let written = serde_json::to_string_pretty(case).map_err(std::io::Error::other).and_then(|text| std::fs::write(&path, text + "\n"));
        println!("\nDISAGREEMENT {n}: {} {} from {}", case.call.method, case.call.url, case.call.from);
        println!("  judged: {}\n  seen:   {}", tried.judged, tried.seen);
        if let Some(wrong) = &tried.wrong {
            println!("  {wrong}");
        }
        match written {
            Ok(()) => println!("  written to {}", path.display()),
            Err(why) => println!("  could not be written: {why}"),
        }
        if n < 4 {
            println!("{}\n{}", tried.explanation, tried.probe);
        }
    }
}

async fn replay(fixtures: Vec<(String, Case)>) -> Result<bool, ground::GroundError> {
    let mut ground = ground::Ground::new()?;
    // A directory without fixtures tries nothing.
    let mut held = !fixtures.is_empty();
    for (name, case) in &fixtures {
        match trial::try_case(&mut ground, case, trial::Care::Twice).await? {
            Some(tried) if tried.agrees() => println!("{name}: both say {}", tried.seen.word()),
            Some(tried) => {
                held = false;
                println!(
                    "{name}: DISAGREEMENT\n  judged: {}\n  seen:   {}\n  {}\n{}\n{}",
                    tried.judged,
                    tried.seen,
                    tried.wrong.as_deref().unwrap_or_default(),
                    tried.explanation,
                    tried.probe
                );
            }
            None => {
                held = false;
                println!("{name}: its call cannot be made");
            }
        }
    }
    println!("{} fixtures", fixtures.len());
    Ok(held)
}

fn read(dir: &Path) -> Result<Vec<(String, Case)>, std::io::Error> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&path)?;
            let case = serde_json::from_str(&text).map_err(|why| std::io::Error::other(format!("{}: {why}", path.display())))?;
            found.push((path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(), case));
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}

/// A seed that nobody chose.
fn chance() -> u64 {
    let mut bytes = [0_u8; 4];
    // Without randomness the seed is 0, and printed all the same.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    u64::from(u32::from_ne_bytes(bytes))
}
