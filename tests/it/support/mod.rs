//! What the tests share: a temp HOME with an AWS config, and the binary run in a clean environment.

#[cfg(unix)]
pub mod cmd;
pub mod devices;
pub mod golden;
pub mod kept;
pub mod outcome;
#[cfg(unix)]
pub mod plain_user;
pub mod powershell;
#[cfg(unix)]
pub mod pty;
pub mod shared;
#[cfg(unix)]
#[macro_use]
pub mod shells;
pub mod svg;
pub mod values;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fake_sts::{Builder, FakeSts, Role};

/// The long-term key of the user that the configs of the tests name.
pub const KEY: (&str, &str) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
pub const USER: &str = "arn:aws:iam::111111111111:user/ana";
pub const MFA: &str = "arn:aws:iam::111111111111:mfa/ana";

/// The role that `marketingadmin` names in [`CONFIG`].
pub const ROLE: &str = "arn:aws:iam::222222222222:role/marketingadmin";

/// A config such as people have.
pub const CONFIG: &str = "\
[default]
region = eu-west-1

[profile base]
region = eu-central-1

[profile marketingadmin]
role_arn = arn:aws:iam::222222222222:role/marketingadmin
source_profile = base
region = us-west-2

[profile noregion]
role_arn = arn:aws:iam::222222222222:role/marketingadmin
source_profile = base

[profile chained]
role_arn = arn:aws:iam::333333333333:role/deep/inner
source_profile = marketingadmin
external_id = ext-42

[profile secured]
role_arn = arn:aws:iam::222222222222:role/secured
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/ana

[profile forbidden]
role_arn = arn:aws:iam::222222222222:role/forbidden
source_profile = base

[profile \"it's a \\\"b\\\" \u{fc}\"]
role_arn = arn:aws:iam::222222222222:role/marketingadmin
source_profile = base
";

pub const CREDENTIALS: &str = "\
[base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
";

/// An STS that knows everything [`CONFIG`] names.
pub fn world() -> Builder {
    FakeSts::builder()
        .user(KEY.0, KEY.1, USER)
        .role(Role::new(ROLE).trusts(USER).max_duration(43_200))
        .role(
            Role::new("arn:aws:iam::333333333333:role/deep/inner")
                .trusts(ROLE)
                .external_id("ext-42"),
        )
        .role(
            Role::new("arn:aws:iam::222222222222:role/secured")
                .trusts(USER)
                .mfa(MFA),
        )
        .role(Role::new("arn:aws:iam::222222222222:role/forbidden").trusts("arn:aws:iam::999999999999:user/eve"))
        .mfa_code(MFA, "123456")
}

/// A home of its own, deleted with the value.
pub struct Home {
    directory: tempfile::TempDir,
    variables: BTreeMap<OsString, OsString>,
}

impl Home {
    /// A home with [`CONFIG`] and [`CREDENTIALS`] whose requests go to `sts`.
    pub fn new(sts: &FakeSts) -> Self {
        Self::with(CONFIG, CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url())
    }

    /// A home with these two files and no endpoint to reach.
    pub fn with(config: &str, credentials: &str) -> Self {
        let home = Self::empty();
        std::fs::create_dir(home.path(".aws")).expect("a directory for the config");
        std::fs::write(home.path(".aws/config"), config).expect("a config file");
        std::fs::write(home.path(".aws/credentials"), credentials).expect("a credentials file");
        // A request that a test did not plan must not leave the machine.
        home.set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    }

    /// A home without any file.
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let variables = BTreeMap::from([
            ("HOME".into(), directory.path().into()),
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ("USER".into(), "ana".into()),
            // On an EC2 instance, the instance is not what is tested.
            ("AWS_EC2_METADATA_DISABLED".into(), "true".into()),
            // Shells that know UTF-8 only by their locale.
            ("LC_ALL".into(), "C.UTF-8".into()),
        ]);
        Self { directory, variables }
    }

    /// The same home with a variable more in its environment.
    pub fn set(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same home with a variable less.
    pub fn unset(mut self, name: &str) -> Self {
        self.variables.remove(OsStr::new(name));
        self
    }

    /// A variable of its environment, if it is text.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(OsStr::new(name))?.to_str()
    }

    /// The same home with what a run prints in its environment.
    pub fn after(self, run: &Run) -> Self {
        let variables = run.variables().into_iter();
        variables.fold(self, |home, (name, value)| match value {
            Some(value) => home.set(&name, value),
            None => home.unset(&name),
        })
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    /// Writes a file into the home and returns its path.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        std::fs::write(&path, content).expect("a file in the home");
        path
    }

    /// A command in this home, with nothing of the caller's environment and no standard input.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.directory.path())
            .stdin(Stdio::null());
        without_terminal(&mut command);
        command
    }

    /// Runs rolenv with these arguments.
    pub fn rolenv(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(rolenv()).args(arguments))
    }
}

/// The program gets a session of its own: rolenv must not ask whoever runs these tests, and a Ctrl-C there ends them only.
#[cfg(unix)]
fn without_terminal(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    let leave = || {
        // Only the leader of a session cannot leave it, and a new process is none.
        rustix::process::setsid()?;
        Ok(())
    };
    #[expect(unsafe_code, reason = "one system call, which may be made between fork and exec")]
    unsafe {
        command.pre_exec(leave);
    }
}

#[cfg(not(unix))]
fn without_terminal(_command: &mut Command) {}

/// The binary under test.
pub fn rolenv() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_rolenv"))
}

/// What a command did.
#[derive(Debug)]
pub struct Run {
    /// The program and its arguments.
    pub command: String,
    pub stdout: String,
    pub stderr: String,
    pub status: Option<i32>,
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let program = Path::new(command.get_program()).file_name().unwrap_or_default();
        let words = std::iter::once(program).chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        Self {
            command: words.join(" "),
            ..Self::from(output)
        }
    }

    /// The variables that an output of `--format json` sets, by name.
    pub fn variables(&self) -> BTreeMap<String, Option<String>> {
        assert_eq!(self.status, Some(0), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The value of one variable of an output of `--format json`.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables().remove(name).flatten()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            command: String::new(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code(),
        }
    }
}

/// A tool that `tests/run` installs below `target/test-tools`, or that is on PATH. `None`, said loudly, when it is
/// missing; a failure when `ROLENV_TEST_SHELLS=all` asks for all of them.
pub fn tool(name: &str) -> Option<PathBuf> {
    let directory = std::env::var_os("ROLENV_TEST_TOOLS").map_or_else(
        || {
            let target = rolenv().ancestors().nth(2).expect("the target directory");
            target.join("test-tools")
        },
        PathBuf::from,
    );
    let installed = ["bin", "venv/bin"].map(|place| directory.join(place).join(name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|place| place.join(name));
    let found = installed
        .into_iter()
        .chain(on_path)
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("ROLENV_TEST_SHELLS").is_none_or(|wanted| wanted != "all"),
            "`{name}` is not installed; `tests/run` installs it"
        );
        eprintln!("SKIPPED: `{name}` is not installed; `tests/run` installs it");
    }
    found
}
