// The escape list: what somebody inside tries, as the strongest user there is, and what comes of it in the mode of this run. The run as root has
// `shifted`, the one without privileges `userns`. In `none` nothing of this holds; it is never taken unless asked for.
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <vector>

#include "escape_fixture.hpp"
#include "local/isolation/hardening_lists.hpp"

namespace fs = std::filesystem;

namespace daytona::local::test {

namespace {

constexpr const char* python_calls =
    "import ctypes, os\n"
    "libc = ctypes.CDLL(None, use_errno=True)\n"
    "def call(number, *arguments):\n"
    "    values = [ctypes.c_long(each) for each in arguments]\n"
    "    return ctypes.get_errno() if libc.syscall(ctypes.c_long(number), *values) == -1 else 0\n";

/// A listener on this machine's loopback, and whether anybody has come.
struct listener {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};

  std::string port() const { return std::to_string(acceptor.local_endpoint().port()); }
  bool was_reached() {
    acceptor.non_blocking(true);
    boost::system::error_code nobody;
    acceptor.accept(nobody);
    return !nobody;
  }
};

}  // namespace

// Two layers refuse: the files belong to a root that nobody inside is, and they lie below read-only mounts, which are looked at by the next case.
TEST_CASE("escape: no setting of the machine below /proc/sys and /sys is writable") {
  escape_fixture inside;

  CHECK(inside.attempt("find /proc/sys /proc/irq /proc/bus /proc/fs /sys -type f -writable 2>/dev/null | head") == "");
  for (const std::string file : {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/panic", "/proc/sys/vm/drop_caches",
                                 "/proc/sys/net/ipv4/ip_forward", "/proc/sysrq-trigger"}) {
    INFO(file);
    CHECK(inside.exit_code(": >> " + file) != 0);
  }
  CHECK(inside.attempt("awk '$5 == \"/sys\" && $6 !~ /^ro,/' /proc/self/mountinfo") == "");
}

TEST_CASE("escape: what is to be read-only or hidden of /proc and /sys is so by a mount of its own") {
  escape_fixture inside;
  const auto there = [&](std::span<const char* const> paths) {
    std::string script = "for each in";
    for (const char* path : paths) script += std::string{" /"} + path;
    std::istringstream lines{inside.attempt(script + "; do [ ! -e $each ] || echo $each; done")};
    return std::vector<std::string>{std::istream_iterator<std::string>{lines}, {}};
  };

  const auto mounts = "\n" + inside.attempt("awk '{print $5, $6}' /proc/self/mountinfo");

  for (const auto& path : there(read_only_paths())) {
    INFO(path);
    CHECK(mounts.find("\n" + path + " ro,") != std::string::npos);
  }
  for (const auto& path : there(hidden_paths())) {
    INFO(path);
    CHECK(mounts.find("\n" + path + " ") != std::string::npos);
  }
  CHECK(there(read_only_paths()).size() >= 3);
  CHECK(there(hidden_paths()).size() >= 3);
}

// Two layers refuse each of these: the filter, and the want of a capability, or of a user namespace the limit of them. The first two have cases of
// their own; the third is looked at.
TEST_CASE("escape: nothing can be mounted, unmounted or made writable, and no namespace made") {
  escape_fixture inside;
  const auto mounts = inside.attempt("cat /proc/self/mountinfo");

  for (const std::string attempt :
       {"mount -t tmpfs none /mnt", "mount -t proc none /mnt", "mount --bind / /mnt",
        "mount -o remount,rw,bind /proc/sys", "mount -t overlay -o lowerdir=/usr:/etc none /mnt", "umount /proc/sys",
        "umount -l /proc/kcore", "unshare -m true", "unshare -U true", "unshare -rm true", "unshare -n true",
        "unshare -p -f true", "unshare -C true", "unshare -T true", "nsenter -t 1 -m true", "pivot_root / /mnt",
        "python3 -c 'import os; os.open(\"/dev/fuse\", 2)'"}) {
    INFO(attempt);
    CHECK(inside.exit_code(attempt) != 0);
  }
  CHECK(inside.attempt("cat /proc/self/mountinfo") == mounts);
  CHECK(inside.attempt("cat /proc/sys/user/max_user_namespaces") == "0\n");
}

TEST_CASE(
    "escape: devices can be neither made nor changed, and every file system refuses them but for the six that /dev "
    "has") {
  escape_fixture inside;

  CHECK(inside.exit_code("mknod /tmp/disk b 8 0") != 0);
  CHECK(inside.exit_code("mknod /usr/disk c 1 1") != 0);
  CHECK(inside.exit_code("chmod 600 /dev/null") != 0);
  CHECK(inside.exit_code("chown 1 /dev/null") != 0);
  CHECK(inside.attempt("cd /dev; ls -A | tr '\\n' ' '") ==
        "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero ");
  CHECK(inside.attempt("awk '$6 !~ /nodev/ {print $5}' /proc/self/mountinfo | grep -vE "
                       "'^/(dev(/(null|zero|full|random|urandom|tty|pts))?|proc/[a-z_-]+)$'") == "");
}

// The numbers are those of x86-64.
TEST_CASE(
    "escape: the kernel takes no module, no new kernel, no program and no clock from inside, and shows no messages") {
  escape_fixture inside;
  const std::string program = std::string{python_calls} +
                              "import errno\n"
                              "for number in (175, 313, 176, 246, 320, 169, 321, 298, 164, 227, 103, 167, 163):\n"
                              "    print(errno.errorcode[call(number, 0, 0, 0, 0, 0)])\n";

  std::string refused;
  for (int n = 0; n < 13; ++n) refused += "EPERM\n";
  CHECK(inside.attempt_python(program) == refused);
  CHECK(inside.exit_code("dmesg") != 0);
  CHECK(inside.attempt("cat /proc/kcore /proc/keys /proc/key-users /proc/timer_list /proc/kmsg 2>/dev/null | wc -c; ls "
                       "-A /sys/firmware") == "0\n");
}

TEST_CASE("escape: the machine's accounts and secrets are not there, by whatever way") {
  escape_fixture inside;
  const auto secret = inside.data() / "secret";
  std::ofstream{secret} << "of the machine";
  fs::permissions(secret, fs::perms::all);
  fs::permissions(inside.data(), fs::perms{0755});

  for (const std::string& way : {std::string{}, std::string{"/proc/1/root"}, std::string{"/proc/1/cwd/../../../../.."},
                                 std::string{"/proc/self/root"}, std::string{"/proc/self/cwd/../../../.."}}) {
    INFO(way);
    CHECK(inside.exit_code("cat " + way + secret.string()) != 0);
  }
  CHECK(inside.attempt("awk -F: '$3 >= 1000 && $3 < 65534 {print $1}' /etc/passwd; grep -cv ':[*]:' /etc/shadow") ==
        "daytona\n0\n");
  CHECK(inside.attempt("ls -A /root | grep -vE '^[.](bashrc|profile|cache|wget-hsts)$'") == "");
  CHECK(inside.attempt("ls -A /home /srv /media /mnt /boot") ==
        "/boot:\n\n/home:\ndaytona\n\n/media:\n\n/mnt:\n\n/srv:\n");
}

TEST_CASE("escape: a hard link, a chroot and a folder that was open lead nowhere else") {
  escape_fixture inside;
  const std::string program =
      "import os\n"
      "root = os.open('/', os.O_RDONLY)\n"
      "os.makedirs('/tmp/jail', exist_ok=True)\n"
      "try:\n"
      "    os.chroot('/tmp/jail')\n"
      "except PermissionError:\n"
      "    pass\n"
      "os.fchdir(root)\n"
      "for n in range(64): os.chdir('..')\n"
      "try:\n"
      "    os.chroot('.')\n"
      "except PermissionError:\n"
      "    pass\n"
      "print(sorted(os.listdir('/home')))\n";

  CHECK(inside.attempt_python(program) == "['daytona']\n");
}

TEST_CASE("escape: of PID 1 nothing can be read, and it can't be traced") {
  escape_fixture inside;
  const std::string look =
      "cat /proc/1/environ /proc/1/maps /proc/1/mem /proc/1/fd/*; readlink /proc/1/exe /proc/1/root /proc/1/cwd "
      "/proc/1/fd/*; "
      "for each in root cwd; do ls -A /proc/1/$each/; done; dd if=/dev/zero of=/proc/1/mem count=1; : >> /proc/1/exe";
  const std::string trace =
      std::string{python_calls} +
      "print(call(101, 16, 1, 0, 0), call(101, 0x4206, 1, 0, 0), call(434, 1, 0) or call(438, 3, 0, 0))\n";

  const auto seen = inside.attempt("(" + look + ") 2>/dev/null") + inside.as_daytona("(" + look + ") 2>/dev/null");

  CHECK(seen == "");
  CHECK(inside.attempt_python(trace) == "1 1 1\n");  // EPERM
  CHECK(inside.as_daytona("python3 - <<'E'\n" + trace + "E\n") == "1 1 1\n");
}

TEST_CASE("escape: no process of the machine is seen, signalled or traced") {
  escape_fixture inside;
  const auto outside = std::to_string(::getpid());

  const std::string stranger = "[ -d /proc/" + outside + " ] || kill -0 " + outside + " 2>/dev/null || echo unseen";
  CHECK(inside.attempt(stranger) == "unseen\n");
  // sudo, the shell, ls and PID 1, and nobody else.
  CHECK(std::stoi(inside.attempt("ls -d /proc/[0-9]* | wc -l")) <= 8);
  CHECK(inside.attempt("grep -h NSpid /proc/1/status") == "NSpid:\t1\n");
}

TEST_CASE("escape: no signal from inside ends or stops the toolbox") {
  escape_fixture inside;
  const std::string all =
      "for signal in $(seq 64); do kill -$signal 1 2>/dev/null; done; kill -KILL 1; kill -STOP 1; kill -TERM 1";

  inside.attempt(all);
  inside.as_daytona(all);

  CHECK(inside.as_daytona("echo alive") == "alive\n");
}

TEST_CASE("escape: commands inherit no descriptor: not the channel to the control plane, not the proxy's port") {
  escape_fixture inside;

  CHECK(inside.as_daytona("ls /proc/self/fd | tr '\\n' ' '") == "0 1 2 3 ");  // 3 = the folder that ls reads
  CHECK(inside.as_daytona("tail -n +2 /proc/net/unix | grep -v '@' | wc -l") == "0\n");
}

TEST_CASE("escape: the control plane's ports are out of reach, on every address of the machine") {
  escape_fixture inside;
  listener control;
  const std::string program =
      "import socket\n"
      "for host in ('127.0.0.1', '::1', '169.254.169.254', '10.0.2.2', '192.168.0.1'):\n"
      "    try:\n"
      "        socket.create_connection((host, " +
      control.port() +
      "), 0.5)\n"
      "        print('reached', host)\n"
      "    except OSError:\n"
      "        pass\n";

  CHECK(inside.attempt_python(program) == "");
  CHECK_FALSE(control.was_reached());
  CHECK(inside.attempt("ls /sys/class/net; cat /proc/net/route | wc -l") == "lo\n1\n");
}

TEST_CASE("escape: two sandboxes share no network, no abstract socket, no shared memory, no semaphore and no queue") {
  escape_fixture inside;
  const auto other = inside.launch("other");
  const std::string offer =
      "ipcmk -M 4096 -S 1 -Q >/dev/null; echo mine > /dev/shm/mine; mkfifo /tmp/ready\n"
      "python3 - >/dev/null 2>&1 <<'E' &\n"
      "import socket, time\n"
      "tcp = socket.create_server(('0.0.0.0', 8080))\n"
      "local = socket.socket(socket.AF_UNIX); local.bind('\\0offered'); local.listen()\n"
      "open('/tmp/ready', 'w').close()\n"
      "time.sleep(60)\n"
      "E\n"
      "cat /tmp/ready\n"
      "ipcs | grep -c 0x; grep -c offered /proc/net/unix";
  const std::string look =
      "ipcs | grep -c 0x; ls -A /dev/shm; grep -c offered /proc/net/unix; (echo > /dev/tcp/127.0.0.1/8080) 2>/dev/null "
      "&& echo reached; pgrep python3; ls -A /tmp";

  CHECK(inside.as_daytona(offer) == "3\n1\n");
  CHECK(inside.output_of(other, look) == "0\n0\n");
}

TEST_CASE(
    "escape: root inside can have the capabilities that a Debian userland needs and no other, and its processes start "
    "with none") {
  escape_fixture inside;

  CHECK(inside.attempt("grep CapBnd /proc/self/status") == "CapBnd:\t00000000a80405fb\n");
  CHECK(inside.attempt("grep -E 'Seccomp:|NoNewPrivs' /proc/self/status") ==
        (has_root() ? "NoNewPrivs:\t0\nSeccomp:\t2\n" : "NoNewPrivs:\t1\nSeccomp:\t2\n"));
  CHECK(inside.as_daytona("grep -hE 'Cap(Prm|Eff|Inh|Amb)' /proc/self/status | grep -vc 0000000000000000; umask") ==
        "0\n0022\n");
  // The toolbox has the one to end processes of root inside, and no other.
  const std::string own = has_root() ? "0000000000000020\n" : "0000000000000000\n";
  CHECK(inside.as_daytona("awk '/Cap(Prm|Eff)/ {print $2}' /proc/1/status") == own + own);
}

}  // namespace daytona::local::test
