//! The file: its other content, its owner and permissions, and several writers.

use super::{
    CREDENTIALS, Duration, FILE, Fault, Home, KEY, assert_fails, assert_stored, fs, kept, plain_user, store, support,
    text, world,
};

#[test]
fn every_other_byte_stays() {
    let sts = world().start();
    let around: [&[u8]; 2] = [
        b"# mine\r\n[twice]\r\nk = 1\r\n[twice]\r\nbroken\r\n\r\n[role] ; here\r\n# note\r\n   output: json\r\n   s3 =\r\n      a = 1\r\n",
        b"\r\n; end\r\n[other]\r\nname = \xff\r\n[last]\r\nk = v",
    ];
    let home = Home::new(&sts);
    let before = [CREDENTIALS.as_bytes(), &around.concat()].concat();
    home.write(FILE, &before);
    assert_eq!(store(&home, "role", &[]).status, Some(0));
    let after = fs::read(home.path(FILE)).expect("a file");
    assert!(after.starts_with(&[CREDENTIALS.as_bytes(), around[0]].concat()));
    assert!(after.ends_with(around[1]));
    let added = &after[before.len() - around[1].len()..after.len() - around[1].len()];
    let added = String::from_utf8_lossy(added);
    let keys: Vec<_> = added
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key)
        .collect();
    let expected = [
        "   aws_access_key_id",
        "   aws_secret_access_key",
        "   aws_session_token",
        "   x_security_token_expires",
        "   region",
        "   rolenv_session",
    ];
    assert_eq!(keys, expected);
    assert_eq!(added.matches("\r\n").count(), expected.len());
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay_and_a_new_file_is_the_owner_s_alone() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let mode = |path: &std::path::Path| fs::symlink_metadata(path).expect("a file").permissions().mode() & 0o7777;
    let sts = world().start();
    let home = Home::new(&sts);
    let (link, dotfiles) = (home.path(FILE), home.path("dotfiles"));
    fs::create_dir(&dotfiles).expect("a directory");
    fs::rename(&link, dotfiles.join("credentials")).expect("a move");
    symlink("../dotfiles/credentials", &link).expect("a link");
    fs::set_permissions(&link, fs::Permissions::from_mode(0o640)).expect("permissions");
    let run = store(&home, "role", &[]);
    assert_stored(&run, &text(&home), "role");
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(mode(&dotfiles.join("credentials")), 0o640);

    // Keys from the environment, and no file yet, below directories that are not there either.
    let elsewhere = home.path("new/place/credentials");
    let home = home
        .set("AWS_SHARED_CREDENTIALS_FILE", &elsewhere)
        .set("AWS_ACCESS_KEY_ID", KEY.0)
        .set("AWS_SECRET_ACCESS_KEY", KEY.1);
    let run = home.rolenv(&["assume", support::ROLE, "--shell", "sh", "--write-profile", "role"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let written = fs::read_to_string(&elsewhere).expect("a new file");
    assert!(written.starts_with("[role]\naws_access_key_id = ASIA"), "{written}");
    assert_eq!((mode(&elsewhere), mode(&home.path("new"))), (0o600, 0o700));
}

#[test]
fn many_writers_at_once_all_land() {
    let sts = world().start();
    let home = Home::new(&sts);
    let names: Vec<String> = (0..20).map(|number| format!("role-{number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let home = &home;
            scope.spawn(move || {
                let run = store(home, name, &[]);
                assert_stored(&run, &text(home), name);
            });
        }
    });
    let found = text(&home);
    assert!(found.starts_with(CREDENTIALS));
    for name in &names {
        assert_eq!(found.matches(&format!("[{name}]\n")).count(), 1, "{found}");
    }
    assert_eq!(found.matches("rolenv_session = ASIA").count(), names.len(), "{found}");
}

#[cfg(unix)]
#[test]
fn a_writer_waits_for_the_one_before() {
    let sts = world().start();
    let home = Home::new(&sts);
    let lock_file = home.path(".aws/.rolenv-credentials.lock");
    let lock = || {
        let lock = fs::File::create(&lock_file).expect("a lock file");
        lock.lock().expect("a lock");
        lock
    };
    std::thread::scope(|scope| {
        // It takes the lock twice: to see whether it can, before AWS is asked, and to write.
        sts.next(Fault::Slow(Duration::from_secs(2)));
        let writer = scope.spawn(|| store(&home, "role", &[]));
        kept::wait_until("a request", || !sts.requests().is_empty());
        let lock = lock();
        std::thread::sleep(Duration::from_millis(2300));
        assert_eq!(text(&home), CREDENTIALS);
        // What happens meanwhile counts: the rules are looked at again.
        home.write(FILE, format!("{CREDENTIALS}[role]\naws_access_key_id = AKIAX\n"));
        drop(lock);
        let run = writer.join().expect("a run");
        assert_fails(&run, 1);
    });
}

/// The lock goes with the file, whoever's home it is written from.
#[test]
fn writers_with_other_homes_take_turns() {
    let sts = world().start();
    let homes: Vec<Home> = (0..4).map(|_| Home::new(&sts)).collect();
    let file = homes[0].path(FILE);
    let homes: Vec<Home> = homes
        .into_iter()
        .map(|home| home.set("AWS_SHARED_CREDENTIALS_FILE", &file))
        .collect();
    std::thread::scope(|scope| {
        for (number, home) in homes.iter().enumerate() {
            scope.spawn(move || {
                for turn in 0..5 {
                    assert_eq!(store(home, &format!("role-{number}-{turn}"), &[]).status, Some(0));
                }
            });
        }
    });
    assert_eq!(text(&homes[0]).matches("rolenv_session = ASIA").count(), 20);
}

/// Where root lets everybody write, as in `/tmp`, the system says who may; and root leaves a file to its owner.
#[cfg(unix)]
#[test]
fn a_file_in_a_directory_of_root_s_stays_its_owner_s() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let sts = world().start();
    let home = Home::new(&sts);
    if !plain_user::is_root() {
        eprintln!("SKIPPED: only root can give a home away");
        return;
    }
    plain_user::give(&home);
    let open = home.path("open");
    fs::create_dir(&open).expect("a directory of root's");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o1777)).expect("a mode");
    let file = open.join("credentials");
    fs::copy(home.path(FILE), &file).expect("a credentials file");
    chown(&file, Some(plain_user::NOBODY), Some(plain_user::NOBODY)).expect("an owner");
    let home = home.set("AWS_SHARED_CREDENTIALS_FILE", &file);
    let words = ["assume", "marketingadmin", "--format", "json", "--write-profile"];
    let run = plain_user::run(&home, &[&words[..], &["own"]].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    let run = home.rolenv(&[&words[..], &["of-root", "--no-cache"]].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    let found = fs::metadata(&file).expect("a file");
    assert_eq!((found.uid(), found.gid()), (plain_user::NOBODY, plain_user::NOBODY));
    let stored = fs::read_to_string(&file).expect("text");
    assert!(stored.contains("[own]\n") && stored.contains("[of-root]\n"), "{stored}");
    assert_eq!(
        fs::read_dir(&open).expect("a directory").count(),
        2,
        "nothing but the lock file is left beside it"
    );
}

/// Nobody reads the file afterwards who could not before.
#[cfg(target_os = "linux")]
#[test]
fn the_group_and_the_access_list_stay() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    const NAME: &str = "system.posix_acl_access";
    let sts = world().start();
    let home = Home::new(&sts);
    let path = home.path(FILE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a mode");
    if chown(&path, None, Some(4242)).is_err() {
        eprintln!("SKIPPED: only root gives a file to another group");
        return;
    }
    assert_eq!(store(&home, "role", &[]).status, Some(0));
    let found = fs::metadata(&path).expect("a file");
    assert_eq!((found.gid(), found.mode() & 0o7777), (4242, 0o640));

    // The owner reads and writes, another user reads, the group and all others may not.
    let entries: [(u16, u16, u32); 5] = [
        (1, 6, u32::MAX),
        (2, 4, 1001),
        (4, 0, u32::MAX),
        (16, 4, u32::MAX),
        (32, 0, u32::MAX),
    ];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        list.extend(tag.to_le_bytes());
        list.extend(permissions.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    let any = rustix::fs::XattrFlags::empty();
    let mut found = [0; 256];
    // What the directory lends to new files is not for this one.
    if let Err(error) = rustix::fs::setxattr(home.path(".aws"), "system.posix_acl_default", &list, any) {
        eprintln!("SKIPPED: this file system has no access lists: {error}");
        return;
    }
    assert_eq!(store(&home, "role", &["--refresh"]).status, Some(0));
    let lent = rustix::fs::getxattr(&path, NAME, &mut found);
    assert_eq!(lent, Err(rustix::io::Errno::NODATA));
    assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o7777, 0o640);

    rustix::fs::setxattr(&path, NAME, &list, any).expect("an access list");
    assert_eq!(store(&home, "role", &["--refresh"]).status, Some(0));
    let length = rustix::fs::getxattr(&path, NAME, &mut found).expect("an access list");
    assert_eq!(&found[..length], list);
}
