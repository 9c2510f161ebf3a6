// Files of a sandbox, through its toolbox.
#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <exception>
#include <string>
#include <utility>

#include "isolation_fixture.hpp"

namespace daytona::local::test {

namespace {

const std::string form_type = "Content-Type: multipart/form-data; boundary=B\r\n";

std::string form_part(const std::string& name, const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"x\"\r\n\r\n" + content + "\r\n";
}

/// A form that uploads one file.
std::string pair(const std::string& index, const std::string& path, const std::string& content) {
  return form_part("files[" + index + "].path", path) + form_part("files[" + index + "].file", content);
}

struct files_fixture : isolation_fixture {
  http_answer request(const std::string& method, const std::string& path, const std::string& body = {},
                      const std::string& fields = {}) {
    return run(ask(sandbox, method, path, body, fields));
  }
  http_answer upload(const std::string& form) { return request("POST", "/files/bulk-upload", form, form_type); }
  http_answer download(const std::string& path) { return request("GET", "/files/download?path=" + path); }
  std::string shell(const std::string& command) { return output_of(sandbox, command); }
  std::string error_of(const http_answer& answer) {
    return std::to_string(answer.status) + " " + std::string{answer.json().at("code").as_string()};
  }

  toolbox_channel sandbox = launch("one");
};

/// How many requests are answered until `is_over`.
asio::awaitable<unsigned> served_until(const bool& is_over, toolbox_channel sandbox) {
  unsigned served = 0;
  while (!is_over) {
    const auto answer = co_await ask(sandbox, "GET", "/version");
    if (answer.status == 200) ++served;
  }
  co_return served;
}

}  // namespace

TEST_CASE_FIXTURE(files_fixture, "an upload is all or nothing: cut anywhere, it leaves the old file and no other") {
  shell("mkdir up; printf old > up/f; chmod 751 up/f");
  const std::string whole = pair("0", "up/f", std::string(3'000, 'n')) + "--B--\r\n";
  for (std::size_t size = whole.size() - 60; size < whole.size() - 5; ++size) upload(whole.substr(0, size));
  CHECK(shell("cat up/f; ls -A up") == "oldf\n");
  CHECK(upload(whole).status == 200);
  CHECK(shell("tr -d n < up/f; stat -c '%s %a' up/f; ls -A up") == "3000 751\nf\n");
}

TEST_CASE_FIXTURE(files_fixture, "who reads a file while it is uploaded reads the old one or the new one") {
  shell("printf old > f; exec 3< f; sleep infinity & echo $! > pid");
  CHECK(upload(pair("0", "f", "new") + "--B--").status == 200);
  CHECK(shell("cat /proc/$(cat pid)/fd/3 f; kill $(cat pid)") == "oldnew");
}

TEST_CASE_FIXTURE(files_fixture,
                  "an upload goes through links, also one that leads to nothing yet, and not onto a folder") {
  shell("mkdir d; printf 1 > t; ln -s t link; ln -s d/fresh dangling; ln -s loop loop; mkfifo fifo");
  const auto done = upload(pair("a", "link", "2") + pair("b", "dangling", "3") + pair("c", "d", "4") +
                           pair("d", "loop", "5") + pair("e", "fifo", "6") + pair("f", "d/x/y", "7") + "--B--");
  CHECK(done.status == 400);
  CHECK(
      done.body ==
      R"({"errors":["d: create: open d: is a directory","loop: create: open loop: too many levels of symbolic links","fifo: create: open fifo: operation not supported"],)"
      R"("files":[{"path":"link","bytes":1},{"path":"dangling","bytes":1},{"path":"d/x/y","bytes":1}]})");
  CHECK(shell("cat t d/fresh d/x/y; stat -c %a d/fresh d/x; readlink link dangling") == "237644\n755\nt\nd/fresh\n");
}

TEST_CASE_FIXTURE(files_fixture, "a file in a folder that takes nothing new is written to where it is") {
  shell("mkdir d; printf 'a much longer text' > d/f; chmod 555 d");
  CHECK(upload(pair("0", "d/f", "new") + "--B--").status == 200);
  CHECK(shell("cat d/f; ls -A d; chmod 755 d") == "newf\n");
}

TEST_CASE_FIXTURE(files_fixture, "of files that can't be written each says why, and the others are written") {
  const auto done = upload(pair("0", "/proc/x/y", "1") + pair("1", "good", "2") +
                           pair("2", std::string(300, 'n'), "3") + pair("3", "/dev/full", "4") + "--B--");
  CHECK(done.status == 400);
  CHECK(done.json().at("errors").as_array().size() == 3);
  CHECK(done.json().at("files").as_array().size() == 1);
  CHECK(shell("cat good") == "2");
}

TEST_CASE_FIXTURE(files_fixture, "F11: a path is bytes: any name goes up, is listed and comes down again") {
  const std::string name = "%20%23%3F%25%2B%26%3D%3B%5C%22%27%0A%01%FF%C3%A9%2520";
  CHECK(request("POST", "/files/upload-v2?path=" + name, "content").status == 200);
  CHECK(download(name).body == "content");
  CHECK(request("GET", "/files/info?path=" + name).json().at("size") == 7);
  CHECK(shell("ls | od -An -tx1 | tr -d ' \\n'") == "20233f252b263d3b5c22270a01ffc3a92532300a");
  CHECK(request("DELETE", "/files?path=" + name).status == 204);
  CHECK(shell("ls").empty());
}

TEST_CASE_FIXTURE(files_fixture, "what is no regular file is neither sent nor waited for") {
  shell("mkfifo fifo; ln -s fifo link");
  for (const char* path : {"fifo", "link", "/dev/zero"}) CHECK(error_of(download(path)) == "400 BAD_REQUEST");
  const auto many = request("POST", "/files/bulk-download", R"({"paths":["fifo","/dev/zero"]})");
  CHECK(many.body.find("no regular file: fifo") != std::string::npos);
  CHECK(request("GET", "/files/find?path=fifo&pattern=x").body == "[]");
  const auto replaced = request("POST", "/files/replace", R"({"files":["fifo"],"pattern":"a","newValue":"b"})");
  CHECK(replaced.body == R"([{"file":"fifo","success":false,"error":"open fifo: operation not supported"}])");
}

TEST_CASE_FIXTURE(files_fixture, "a tree of any depth and size is removed, and others are served meanwhile") {
  shell("mkdir -p t/many; cd t; for d in $(seq 300); do mkdir -p d; cd d; done; cd ~/t/many; seq 20000 | xargs touch");
  bool is_removed = false;
  asio::co_spawn(io, ask(sandbox, "DELETE", "/files?path=t&recursive=true"),
                 [&](std::exception_ptr, const http_answer& answer) { is_removed = answer.status == 204; });
  const unsigned served = run(served_until(is_removed, sandbox));
  CHECK(served > 10);
  CHECK(shell("ls").empty());
}

TEST_CASE_FIXTURE(files_fixture, "a folder is not moved into itself, and nothing is moved onto something") {
  shell("mkdir -p d/in; printf 1 > f; printf 2 > g; ln -s nowhere dangling");
  CHECK(request("POST", "/files/move?source=d&destination=d/in/x").status == 400);
  CHECK(request("POST", "/files/move?source=f&destination=g").status == 409);
  CHECK(request("POST", "/files/move?source=f&destination=dangling").status == 409);
  CHECK(request("POST", "/files/move?source=dangling&destination=moved").status == 200);
  CHECK(shell("cat f g; find d | sort; readlink moved") == "12d\nd/in\nnowhere\n");
}

TEST_CASE_FIXTURE(files_fixture,
                  "a tree moves to another file system with its modes, times, links and FIFOs, or stays as it was") {
  shell(
      "mkdir -p d/e; printf 1 > d/e/f; chmod 741 d/e/f; chmod 711 d/e; ln -s nowhere d/l; mkfifo d/p; touch -d "
      "2020-02-03T04:05:06.7 d/e/f d");
  const std::string look =
      "cd %; stat -c '%n %A %Y' . e e/f l p | sed 's/\\(e\\|l\\|p\\) \\([^ ]*\\) .*/\\1 \\2/'; readlink l";
  const auto at = [&](const std::string& place) { return shell(std::string{look}.replace(3, 1, place)); };
  const std::string before = at("d");
  CHECK(request("POST", "/files/move?source=d/&destination=/dev/shm/moved/").status == 200);
  CHECK(at("/dev/shm/moved") == before);
  CHECK(shell("ls").empty());
  shell("cd /dev/shm/moved; python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('z')\"");
  CHECK(request("POST", "/files/move?source=/dev/shm/moved&destination=back").status == 400);
  CHECK(shell("ls; ls /dev/shm/moved") == "e\nl\np\nz\n");
}

TEST_CASE_FIXTURE(files_fixture, "a listing goes as deep as asked, and follows no link down") {
  shell("mkdir -p a/b/c; touch a/b/f; ln -s .. a/up");
  const auto names = [&](const std::string& depth) {
    std::string all;
    const auto listed = request("GET", "/files?path=a&depth=" + depth).json();
    for (const auto& each : listed.as_array()) all += std::string{each.at("path").as_string()}.substr(14) + " ";
    return all;
  };
  CHECK(names("1") == "a/b a/up ");
  CHECK(names("2") == "a/b a/b/c a/b/f a/up ");
  CHECK(names("9") == "a/b a/b/c a/b/f a/up ");
  CHECK(request("GET", "/files?path=a/up").body.find(R"("name":"a","size")") != std::string::npos);
  CHECK(request("GET", "/files/info?path=a/up/../daytona").json().at("path") == "/home/daytona");
  for (const char* depth : {"0", "-1", "x", "99999999999999999999"})
    CHECK(request("GET", "/files?path=a&depth=" + std::string{depth}).status == 400);
}

TEST_CASE_FIXTURE(files_fixture, "a large file is replaced in without being held, and found in to its last line") {
  shell("yes 'an old line' | head -c 36000000 > f; printf 'last old' >> f");
  CHECK(request("POST", "/files/replace", R"({"files":["f"],"pattern":"old","newValue":"new"})").body ==
        R"([{"file":"f","success":true}])");
  CHECK(shell("grep -c old f; tail -n 1 f") == "0\nlast new");
  const auto found = request("GET", "/files/find?path=f&pattern=last").json();
  CHECK(found.as_array().size() == 1);
  CHECK(found.at(0).at("line") == 3'000'001);
}

TEST_CASE_FIXTURE(files_fixture, "parts of a file are for who has the rest of the same version") {
  shell("printf 0123456789 > f; touch -d '2020-02-03 04:05:06 UTC' f");
  const auto part = [&](const std::string& fields) {
    return request("GET", "/files/download?path=f", {}, "Range: bytes=2-3\r\n" + fields);
  };
  CHECK(part("If-Range: Mon, 03 Feb 2020 04:05:06 GMT\r\n").body == "23");
  CHECK(part("If-Range: Mon, 03 Feb 2020 04:05:05 GMT\r\n").body == "0123456789");
  CHECK(part("If-Range: \"tag\"\r\n").body == "0123456789");
  CHECK(request("GET", "/files/download?path=f", {}, "If-Modified-Since: Mon, 03 Feb 2020 04:05:06 GMT\r\n").status ==
        304);
}

}  // namespace daytona::local::test
