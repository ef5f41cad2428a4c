//! Roles that ask for MFA, and codes for them.

use fake_sts::{Builder, FakeSts, Role};

use crate::support::{Home, KEY, MFA, USER};

/// Eight roles in a row, and others, behind one device.
pub const COLOURS: [&str; 8] = ["red", "blue", "green", "pink", "grey", "gold", "teal", "plum"];

/// The codes that the device shows one after the other.
pub const CODES: [&str; 6] = ["100001", "100002", "100003", "100004", "100005", "100006"];

pub fn role(name: &str) -> String {
    format!("arn:aws:iam::222222222222:role/{name}")
}

/// An STS with the roles of [`home`].
pub fn devices() -> Builder {
    let mut sts = FakeSts::builder().user(KEY.0, KEY.1, USER);
    for name in COLOURS {
        sts = sts.role(Role::new(&role(name)).trusts(USER).mfa(MFA).max_duration(43_200));
    }
    for code in CODES {
        sts = sts.mfa_code(MFA, code);
    }
    sts.role(Role::new(&role("inner")).trusts(&role("red")))
}

/// A home with a profile for each role: `own` has the keys and the device, and no role; `inner` is behind `red`.
pub fn home(sts: &FakeSts) -> Home {
    let behind = |name: &str, source: &str, more: &str| {
        let role = role(name);
        format!("[profile {name}]\nrole_arn = {role}\nsource_profile = {source}\n{more}")
    };
    let device = format!("mfa_serial = {MFA}\n");
    let mut config = vec![format!("[profile own]\nsource_profile = base\n{device}")];
    config.extend(COLOURS.map(|name| behind(name, "base", &device)));
    config.push(behind("inner", "red", ""));
    let keys = format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", KEY.0, KEY.1);
    let credentials = format!("[base]\n{keys}[own]\n{keys}");
    Home::with(&config.concat(), &credentials).set("AWS_ENDPOINT_URL_STS", sts.url())
}

/// Lets every profile have an `mfa_process` that prints the device's codes, the next one each time.
pub fn with_process(home: Home) -> Home {
    let script = format!(
        "echo x >>asked\nset -- {}\nshift $(($(wc -l <asked) - 1))\necho $1\n",
        CODES.join(" ")
    );
    home.write("next-code", script);
    with_setting(home, "mfa_process = sh next-code")
}

/// Adds a line to every profile that has a device.
pub fn with_setting(home: Home, line: &str) -> Home {
    let config = std::fs::read_to_string(home.path(".aws/config")).expect("a config");
    let serial = format!("mfa_serial = {MFA}\n");
    home.write(".aws/config", config.replace(&serial, &format!("{serial}{line}\n")));
    home
}

/// The requests so far: which action, and the code that came with it.
pub fn told(sts: &FakeSts) -> Vec<(String, Option<String>)> {
    let requests = sts.requests().into_iter();
    requests
        .map(|mut request| (request.action, request.form.remove("TokenCode")))
        .collect()
}

/// Fails unless the requests since the last time were these, and each code was sent once.
pub fn assert_told(sts: &FakeSts, expected: &[(&str, Option<&str>)]) {
    let found = told(sts);
    let found: Vec<_> = found
        .iter()
        .map(|(action, code)| (action.as_str(), code.as_deref()))
        .collect();
    assert_eq!(found, expected);
    assert_once(sts);
    sts.clear_requests();
}

/// Fails if a code was sent twice.
pub fn assert_once(sts: &FakeSts) {
    let codes = sts.codes();
    assert!(codes.values().all(|times| *times == 1), "{codes:?}");
}
