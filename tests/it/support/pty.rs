//! A terminal with a person at it: what a program shows is read, keys are typed, and the terminal's settings are seen.

use std::fs::File;
use std::io::{ErrorKind, Read, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, ioctl_tiocsctty, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};

/// Far longer than anything takes, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often is looked.
const BLINK: Duration = Duration::from_millis(5);

/// What has arrived, and who waits for it.
#[derive(Default)]
struct Stream {
    text: Mutex<String>,
    more: Condvar,
    /// Nobody waits any more.
    is_over: AtomicBool,
}

/// A stream that is read in a thread of its own.
struct Reading {
    stream: Arc<Stream>,
    thread: JoinHandle<()>,
}

impl Reading {
    fn of(mut source: impl Read + Send + 'static) -> Self {
        let stream = Arc::new(Stream::default());
        let ours = Arc::clone(&stream);
        let thread = thread::spawn(move || {
            let mut chunk = [0; 4096];
            while !ours.is_over.load(Ordering::Relaxed) {
                match source.read(&mut chunk) {
                    Ok(length @ 1..) => {
                        let mut text = ours.text.lock().expect("no panic");
                        text.push_str(&String::from_utf8_lossy(&chunk[..length]));
                        ours.more.notify_all();
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(BLINK),
                    // A terminal whose programs are all gone is an error on Linux.
                    _ => break,
                }
            }
        });
        Self { stream, thread }
    }

    fn text(&self) -> String {
        self.stream.text.lock().expect("no panic").clone()
    }

    /// All of it, once its other end is closed.
    fn until_its_end(self) -> String {
        self.thread.join().expect("no panic");
        self.stream.text.lock().expect("no panic").clone()
    }
}

/// What the standard streams of a program are. Standard error is the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wiring {
    /// The terminal, as for a shell.
    Terminal,
    /// Pipes, as in `... | rolenv assume x | source`: the terminal only controls the program.
    Pipes,
}

/// A person at a terminal, and the program that runs there.
pub struct Person {
    child: Child,
    keyboard: File,
    screen: Reading,
    /// How much of the screen was read.
    read: usize,
    /// The terminal's settings before there was a program.
    found: String,
    /// The standard output, when it is a pipe.
    output: Option<Reading>,
    /// Held open, so that the settings can be seen when the program is gone.
    _other_end: OwnedFd,
}

impl Person {
    /// Starts `command`, which is one of [`Home::command`](super::Home::command), at a new terminal.
    pub fn at(command: &mut Command, wiring: Wiring) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&keyboard).expect("a terminal of ours");
        unlockpt(&keyboard).expect("a terminal to open");
        fcntl_setfl(&keyboard, OFlags::NONBLOCK).expect("a terminal that does not block");
        tcsetwinsize(&keyboard, size(200)).expect("a size");
        let name = ptsname(&keyboard, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let open = || rustix::fs::open(&name, flags, Mode::empty()).expect("the terminal's other end");
        match wiring {
            Wiring::Terminal => command.stdin(open()).stdout(open()).stderr(open()),
            Wiring::Pipes => command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(open()),
        };
        let other_end = open();
        let found = format!("{:?}", tcgetattr(&keyboard).expect("settings"));
        control(command, open());
        let mut child = command.spawn().expect("a program");
        let keyboard = File::from(keyboard);
        Self {
            output: child.stdout.take().map(Reading::of),
            child,
            screen: Reading::of(keyboard.try_clone().expect("the terminal again")),
            keyboard,
            read: 0,
            found,
            _other_end: other_end,
        }
    }

    /// Waits until `text` appears after what was read, and reads to its end.
    pub fn sees(&mut self, text: &str) {
        let start = Instant::now();
        let mut screen = self.screen.stream.text.lock().expect("no panic");
        loop {
            if let Some(at) = screen[self.read..].find(text) {
                self.read += at + text.len();
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{text:?} is not in {screen:?} from {}",
                self.read
            );
            screen = self
                .screen
                .stream
                .more
                .wait_timeout(screen, Duration::from_secs(1))
                .expect("no panic")
                .0;
        }
    }

    /// All that was ever on the screen.
    pub fn screen(&self) -> String {
        self.screen.text()
    }

    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("keys");
    }

    /// Types it once nobody can see it, followed by the return key.
    pub fn types_hidden(&mut self, line: &str) {
        self.waits_until("what is typed is hidden", |person| {
            let modes = person.settings().local_modes;
            // A shell's own editor reads letter by letter.
            modes.contains(LocalModes::ICANON) && !modes.contains(LocalModes::ECHO)
        });
        self.types(line);
        self.types("\r");
    }

    fn settings(&self) -> Termios {
        tcgetattr(&self.keyboard).expect("settings")
    }

    /// Fails unless every setting of the terminal is what it was before there was a program.
    pub fn finds_the_terminal_as_it_was(&self) {
        assert_eq!(format!("{:?}", self.settings()), self.found, "{}", self.screen());
    }

    pub fn shows_keys(&self) -> bool {
        self.settings().local_modes.contains(LocalModes::ECHO)
    }

    pub fn waits_until(&mut self, what: &str, is_so: impl Fn(&mut Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < PATIENCE, "not so: {what}; {:?}", self.screen());
            thread::sleep(BLINK);
        }
    }

    pub fn resizes(&self) {
        tcsetwinsize(&self.keyboard, size(100)).expect("a size");
    }

    pub fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).expect("a signal");
    }

    /// Closes the window. Returns how the program ended, as a shell's `$?`, and what it printed to its pipe.
    pub fn closes_the_window(mut self) -> (i32, String) {
        self.screen.stream.is_over.store(true, Ordering::Relaxed);
        let null = File::open("/dev/null").expect("/dev/null");
        let screen = std::mem::replace(&mut self.screen, Reading::of(null.try_clone().expect("/dev/null")));
        screen.until_its_end();
        drop(std::mem::replace(&mut self.keyboard, null));
        self.waits_for_the_end()
    }

    /// Waits for the end of the program. Returns its status, as a shell's `$?`, and what it printed to its pipe.
    pub fn waits_for_the_end(&mut self) -> (i32, String) {
        drop(self.child.stdin.take());
        let status = ended(&mut self.child);
        (
            status,
            self.output.take().map_or_else(String::new, Reading::until_its_end),
        )
    }

    pub fn pipe(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("a pipe")
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16) -> Winsize {
    Winsize {
        ws_row: 50,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

fn ended(child: &mut Child) -> i32 {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a status") {
            return status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        }
        assert!(start.elapsed() < PATIENCE, "it does not end");
        thread::sleep(BLINK);
    }
}

/// Makes `terminal` the one that controls the program, which leads a session of its own already.
fn control(command: &mut Command, terminal: OwnedFd) {
    let take = move || {
        ioctl_tiocsctty(&terminal)?;
        Ok(())
    };
    #[expect(unsafe_code, reason = "one system call, which may be made between fork and exec")]
    unsafe {
        command.pre_exec(take);
    }
}
