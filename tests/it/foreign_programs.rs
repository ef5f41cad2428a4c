//! Programs that nobody here wrote: the AWS CLI uses what was exported, moto is the STS.

use crate::support;

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Home, Run, tool, world};

/// What a person types; `who` is the AWS CLI's answer to who we are.
const STORY: &str = r#"
who() { "$AWS" sts get-caller-identity --query Arn --output text --region us-east-1; }
who
eval "$("$ROLENV" assume marketingadmin)"
who
eval "$("$ROLENV" assume chained)"
who
eval "$("$ROLENV" assume typo)" && echo deployed
who
eval "$("$ROLENV" clear)"
who
"#;

fn tell_the_story(home: &Home, aws: &Path) -> Vec<String> {
    let mut command = home.command("sh");
    command
        .args(["-c", STORY])
        .env("AWS", aws)
        .env("ROLENV", support::rolenv());
    let run = Run::of(&mut command);
    assert_eq!(run.status, Some(0), "{run:?}");
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_aws_cli_is_who_we_say_it_is() {
    let Some(aws) = tool("aws") else {
        return;
    };
    let sts = world().start();
    let me = support::USER;
    let role = "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana";
    let inner = "arn:aws:sts::333333333333:assumed-role/inner/rolenv-ana";
    // By profile, then by keys in the environment: both are there again after `clear`.
    let by_profile = Home::new(&sts).set("AWS_PROFILE", "base");
    assert_eq!(tell_the_story(&by_profile, &aws), [me, role, inner, inner, me]);
    let by_keys = Home::new(&sts)
        .set("AWS_ACCESS_KEY_ID", support::KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", support::KEY.1);
    assert_eq!(tell_the_story(&by_keys, &aws), [me, role, inner, inner, me]);
    assert!(sts.requests().iter().all(|request| request.verified));
}

#[test]
fn the_same_story_against_moto() {
    let (Some(aws), Some(program)) = (tool("aws"), tool("moto_server")) else {
        return;
    };
    let moto = Moto::start(&program);
    let home = Home::with(support::CONFIG, support::CREDENTIALS)
        .set("AWS_ENDPOINT_URL_STS", format!("http://127.0.0.1:{}", moto.port))
        .set("AWS_PROFILE", "base");
    let told = tell_the_story(&home, &aws);
    let role = "arn:aws:sts::222222222222:assumed-role/marketingadmin/rolenv-ana";
    let inner = "arn:aws:sts::333333333333:assumed-role/inner/rolenv-ana";
    assert_eq!(told[1..4], [role, inner, inner]);
    assert_eq!(told[0], told[4], "moto knows no users, but it knows the same one again");
    assert!(!told[0].contains("assumed-role"), "{told:?}");
}

/// A moto server, stopped with the value.
struct Moto {
    server: Child,
    port: u16,
}

impl Moto {
    fn start(program: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|socket| socket.local_addr())
            .expect("a free port")
            .port();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let server = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server starts");
        let moto = Self { server, port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_mins(1), "moto_server does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        moto
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
