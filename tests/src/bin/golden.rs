//! Replays the recordings and shows what differs.

use scenarios::golden::{Report, Stage, load_names, save_names, show};

const USAGE: &str = "\
golden: replays the original's recorded answers against this program.

  cargo run -p scenarios --bin golden -- [options]

  --area A,B      only these areas
  --show N        show the first N pairs of each area that differ (default 0; 5 with --area)
  --messages      show pairs whose message text differs, too
  --pair TEXT     show the pairs whose name contains TEXT whole, passed or not
  --report FILE   write every difference as a line of JSON
  --update        write the pairs that pass into expected.json; refuses to lose any
  --lose          with --update: pairs that do not pass any more may be lost
  --serve         set everything up, print how to reach it, and wait
";

#[derive(Default)]
struct Options {
    areas: Vec<String>,
    show: Option<usize>,
    messages: bool,
    pair: Option<String>,
    report: Option<String>,
    update: bool,
    lose: bool,
    serve: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"))
        };
        match argument.as_str() {
            "--area" => options.areas.extend(value()?.split(',').map(String::from)),
            "--show" => {
                options.show = Some(value()?.parse().map_err(|_| "--show needs a number".to_owned())?)
            }
            "--messages" => options.messages = true,
            "--pair" => options.pair = Some(value()?),
            "--report" => options.report = Some(value()?),
            "--update" => options.update = true,
            "--lose" => options.lose = true,
            "--serve" => options.serve = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let result = match options() {
        Ok(options) => work(options).await,
        Err(text) => Err(text),
    };
    if let Err(text) = result {
        eprintln!("{text}");
        std::process::exit(1);
    }
}

async fn work(options: Options) -> Result<(), String> {
    let mut stage = Stage::set().await?;
    if options.serve {
        return serve(&stage);
    }
    let reports = stage
        .replay(&options.areas, |report| print(report, &options))
        .await?;
    println!("{}", Report::total(&reports));
    if let Some(file) = &options.report {
        let lines: String = reports.iter().map(Report::json_lines).collect();
        std::fs::write(file, lines).map_err(|e| format!("{file}: {e}"))?;
    }
    ratchet(&reports, &options)
}

fn serve(stage: &Stage) -> Result<(), String> {
    println!(
        "{}\ndata: {}",
        stage.program.base(),
        stage.program.data().display()
    );
    for (name, value) in &stage.session.variables {
        println!("  {name} = {value}");
    }
    println!("Press Enter to end it.");
    std::io::stdin()
        .read_line(&mut String::new())
        .map(drop)
        .map_err(|e| e.to_string())
}

fn print(report: &Report, options: &Options) {
    println!("{}", report.line());
    if let Some(part) = &options.pair {
        for outcome in report
            .outcomes
            .iter()
            .filter(|o| o.pair.name.contains(part.as_str()))
        {
            println!("{}", show(outcome, true));
        }
        return;
    }
    let few = if options.areas.is_empty() { 0 } else { 5 };
    let texts = report.outcomes.iter().filter(|o| options.messages && o.passed());
    let texts = texts.filter(|o| matches!(o.verdict, scenarios::golden::Verdict::OtherMessage(_)));
    for outcome in report.failures().chain(texts).take(options.show.unwrap_or(few)) {
        print!("{}", show(outcome, false));
    }
    for name in report.needless() {
        println!("  - '{name}' is in differences.json, but does not differ");
    }
}

fn ratchet(reports: &[Report], options: &Options) -> Result<(), String> {
    let mut names = load_names();
    let nothing = Vec::new();
    let lost: Vec<String> = reports
        .iter()
        .flat_map(|r| r.lost(names.get(&r.area).unwrap_or(&nothing)))
        .collect();
    for sentence in &lost {
        println!("LOST {sentence}");
    }
    if options.update && (lost.is_empty() || options.lose) {
        let before: usize = names.values().map(Vec::len).sum();
        names.extend(reports.iter().map(|r| (r.area.clone(), r.passed())));
        let after: usize = names.values().map(Vec::len).sum();
        save_names(&names);
        println!("expected.json: {before} → {after} pairs");
        return Ok(());
    }
    if lost.is_empty() {
        Ok(())
    } else {
        Err(format!("{} pairs that passed before do not pass", lost.len()))
    }
}
