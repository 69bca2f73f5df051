# One snippet a line; lines that begin with '#' are headings.
# exit status
true
false
:
exit
exit 0
exit 1
exit 2
exit 3
exit 42
exit 125
exit 126
exit 127
exit 128
exit 130
exit 137
exit 143
exit 255
exit 256
exit -1
exit 300
exit abc
return 5
(exit 7)
(exit 7); echo $?
{ exit 8; }
! true
! false
! (exit 9); echo $?
false || exit 11
true && exit 12
false; true
true; false
set -e; false; echo not reached
set -e; false || true; echo reached
set -e; if false; then :; fi; echo reached
set -e; (false); echo not reached
set -o pipefail; false | true
set -o pipefail; (exit 3) | (exit 4) | true
set -u; echo "$nothing"; echo not reached
set -u; echo "${nothing:-default}"
echo "${nothing:?is missing}"
nosuchcommand
nosuchcommand; echo $?
nosuchcommand 2>/dev/null
./nosuchfile
/nonexistent/command
. ./nosuchfile
. ./nosuchfile; echo after
touch plain; ./plain
mkdir folder; ./folder
touch x; chmod +x x; ./x; echo $?
printf '#!/nonexistent/interpreter\n' > x; chmod +x x; ./x; echo $?
printf '#!/bin/sh\nexit 17\n' > x; chmod +x x; ./x
printf 'exit 18\n' > x; bash x
printf 'exit 19\n' > x; . ./x
if
echo 'unclosed
echo "unclosed
echo $(
case x in
for i in 1 2; do echo $i
)
}
&& true
| true
;;
echo a ;; echo b
test 1 -eq 2
test x = x
[ 1 -lt 2 ]
[ a b c ]
[[ abc == a* ]]
[[ abc =~ ^b ]]
((0))
((1))
((1/0))
let 0
expr 1 + 1
expr 0
# pipes and their status
true | false
false | true
true | false | true; echo "${PIPESTATUS[@]}"
(exit 3) | (exit 4) | (exit 5); echo "${PIPESTATUS[*]}"
seq 1 5 | head -n 2
seq 1 100000 | head -n 1
seq 1 100000 | head -n 1; echo "${PIPESTATUS[0]}"
yes | head -n 3
yes | head -n 3 | tail -n 1; echo "${PIPESTATUS[@]}"
echo a | cat | cat | cat | cat
echo a | tee b c
echo a | tee b | tr a z; cat b
echo one | while read -r x; do echo "got $x"; done
printf 'a\nb\nc\n' | while read -r x; do echo "<$x>"; done | sort -r
x=1; echo 2 | read -r x; echo $x
shopt -s lastpipe; set +m; echo 2 | read -r x; echo $x
echo err >&2 | cat
{ echo out; echo err >&2; } 2>&1 | sort
{ echo out; echo err >&2; } |& sort
ls /nonexistent 2>&1 | wc -l
cat nosuch | cat; echo "${PIPESTATUS[@]}"
# both streams
echo out
echo err >&2
echo out; echo err >&2; echo out2; echo err2 >&2
for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done
ls /nonexistent; echo after
bash -c 'echo a; echo b >&2; echo c'
echo both > /dev/null 2>&1
echo lost 2>&1 >/dev/null; echo err >&2 2>/dev/null
{ echo a >&2; echo b; } 2>&1
{ echo a; echo b >&2; } >file 2>&1; cat file
exec 3>&1; echo three >&3
exec 3>&1 1>&2 2>&3; echo swapped; echo again >&2
exec 4>&2; echo four >&4; exec 4>&-; echo five >&4; echo $?
echo a >&7
exec >&-; echo lost; exit 4
exec >&- 2>&-; echo lost; echo lost >&2; exit 5
exec 2>&-; echo out; ls /nonexistent; echo $?
exec >file; echo into file; cat file >&2
exec >file 2>&1; echo into file; ls /nonexistent
exec > >(cat); echo through; exec >&-; wait
exec 2> >(sed 's/^/E: /'); echo err >&2; exec 2>&-; sleep 0.05
echo x | tee /dev/null
echo x | tee /dev/fd/1 | cat
cat /dev/fd/3 3<<< three
cat <(echo substituted)
diff <(echo a) <(echo b)
paste <(seq 3) <(seq 4 6)
echo in > >(cat); sleep 0.05
# stdin
cat
read -r a; echo "$a"
read -r a; read -r b; echo "$b $a"
read -r a b; echo "$a-$b"
head -c 3
wc -c
cat < /dev/null
cat <&-
read -r x < /dev/null; echo $?
read -t 1 -r x; echo "$x"
mapfile -t all; echo "${#all[@]} ${all[1]}"
while read -r x; do echo "[$x]"; done
sort -r
grep line
sed -n 2p
python3 -c 'import sys; print(sys.stdin.read().upper())'
cat - file 2>/dev/null
cat <<< 'a here string'
cat <<< "$(printf 'two\nlines')"
tr a-z A-Z <<< shout
# output of every kind
printf 'no newline'
printf ''
printf '\n'
printf '\n\n\n'
printf 'a\n\nb'
printf 'a\0b\0c'
printf '\0'
printf '\377\376\375'
printf '\033[31mred\033[0m\n'
printf 'progress 1\rprogress 2\rdone\n'
printf 'dos\r\nlines\r\n'
printf 'tab\there\n'
printf '\b\b\a\f\v'
printf '%s\n' é ü 漢字 😀
printf '\303'
printf '\360\237\230'
printf '%b' '\u00e9\n'
printf '%5d|%-5d|%05d\n' 1 2 3
printf '%s' {1..1000}
printf '%s\n' {a..z}{0..9}
seq 1 20000
seq 1 200000 | tail -n 1
head -c 100000 /dev/zero
head -c 1000000 /dev/zero | tr '\0' x
head -c 3000000 /dev/zero | tr '\0' '\n' | wc -l
head -c 2000000 /dev/zero | tr '\0' 'abc'
for i in {1..3000}; do echo "line $i of many"; done
for i in {1..500}; do printf .; done
for i in {1..500}; do printf .; done; echo
python3 -c 'import os; os.write(1, bytes(range(256)) * 40)'
python3 -c 'print("x" * 300000)'
python3 -c 'import sys; sys.stdout.write("a"); sys.stdout.flush(); sys.stderr.write("b"); sys.stderr.flush(); sys.stdout.write("c")'
gzip -c < /bin/true | gunzip | cmp - /bin/true; echo $?
gzip -nc < /dev/null
tar c --mtime=@0 --owner=0 --group=0 --numeric-owner -f - /dev/null 2>/dev/null | md5sum
base64 /dev/zero | head -c 5000
echo -n
echo -n x
echo -e 'a\tb'
echo '\n'
echo "a   b"
echo
cat /dev/null
yes | head -n 100000 | md5sum
yes 0123456789 | head -c 700000
# quoting and expansion
echo "double 'single' double"
echo 'single "double" single'
echo back\\slash \$dollar \`tick\`
echo $'ansi\tc\n\x41'
echo "a
b"
echo $((1 + 2 * 3))
echo ${HOME##*/}
echo "${PATH:+set}"
echo *
touch a b 'c d'; echo *; for f in *; do echo "<$f>"; done
touch a1 a2; echo a? [a]1 {a,b}1
echo ~nosuchuser
set -- a 'b c' d; echo $# "$@"; shift; echo "$*"
x='a b'; echo $x "$x"
a=(1 2 3); echo "${a[@]}" ${#a[@]} "${a[-1]}"
declare -A m=([k]=v); echo "${m[k]}"
f() { echo "in $1"; return 6; }; f x; echo $?
f() { local x=1; g; }; g() { echo $x; }; f
eval 'echo evaluated'
eval "exit 21"
echo $(echo nested $(echo deeper))
echo "`echo ticks`"
x=$(exit 5); echo $?
x=$(printf 'trailing\n\n\n'); echo "[$x]"
IFS=,; x=a,b,c; echo $x
printf '%q\n' "a b'c"
echo "$0"
echo "$# $*"
echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL)
echo $-
echo "$SHLVL"
echo "${BASH_VERSINFO[0]}" | tr -d 0-9
shopt -s extglob; echo @(x)
alias ll='echo aliased'; ll
shopt -s expand_aliases; alias
type cd | head -n 1
command -v true
hash; echo $?
history | wc -l
echo "$PS1" "$PS4" | wc -c
set -x; echo traced
set -v; echo verbose
set -n; echo not run
# environment, folder, limits
env | sort | grep -v '^_=\|^SHLVL'
export A=1; bash -c 'echo $A'
A=2 bash -c 'echo $A'; echo "[$A]"
unset PATH; ls
PATH=; nosuch
cd /; pwd
cd /nonexistent; pwd | wc -l
mkdir d; cd d; touch inside; pwd | tail -c 3
mkdir d; (cd d; touch in); ls
mkdir d; cd d && rmdir ../d; echo gone; touch x
pushd / ; popd > /dev/null
umask
umask 077; touch private; mkdir closed
umask 000; touch open
umask 027; echo x > f; ls -l f | cut -c1-10
ulimit -c
ulimit -n 64; ulimit -n
ulimit -n 8; cat /dev/null; echo $?
ulimit -S -t 5; ulimit -t
ulimit -f 1; head -c 100000 /dev/zero > big; echo $?
ulimit -v 1000000; ulimit -v
nice
nice -n 5 nice
tty
tty -s; echo $?
stty size
test -t 0; echo $?
test -t 1; echo $?
test -t 2; echo $?
[ -t 1 ] || echo 'no terminal'
id -u
hostname | wc -l
date +%Y | wc -c
TZ=UTC date -d @0
LC_ALL=C sort <<< $'b\na\nC'
# files
echo x > f; cat f
echo x > f; echo y >> f; cat f
echo x >| f; set -C; echo y > f; echo $?
ln -s target link; readlink link; cat link
mkdir -p a/b/c; find . | sort
touch f; chmod 640 f; stat -c %a f
mkfifo p; (echo through > p &) ; cat p
dd if=/dev/zero of=f bs=1k count=3 2>/dev/null; wc -c < f
rm nosuch; echo $?
cp nosuch elsewhere
mv f g
mktemp -u XXXX | wc -c
# background, jobs, children
sleep 0.05 & wait; echo done
(exit 9) & wait $!; echo $?
false & wait $!; echo $?
wait; echo $?
wait 999999; echo $?
wait -n 2>/dev/null; echo $?
(echo bg) & wait; echo fg
for i in 0.1 0.7 1.3; do (sleep $i; echo $i) & done; wait
jobs
sleep 10 & kill $!; wait $!; echo $?
sleep 10 & kill -9 $! ; wait $! 2>/dev/null; echo $?
sleep 0.01 & disown; echo disowned
set -m; sleep 0.01 & wait; echo $?
set -m; (exit 4); echo $?
set -m; sleep 0.02 & fg %1; echo $?
fg; echo $?
bg
coproc cat; echo hi >&"${COPROC[1]}"; read -r x <&"${COPROC[0]}"; echo $x
nohup true; echo $?
setsid true; echo $?
setsid -w bash -c 'exit 6'; echo $?
timeout 5 true; echo $?
timeout 0.05 sleep 5; echo $?
timeout -s KILL 0.05 sleep 5; echo $?
time true 2>/dev/null
exec true
exec false
exec echo replaced
exec bash -c 'echo inner; exit 23'
exec nosuchcommand; echo not reached
exec -a name bash -c 'echo $0'
(exec echo in a subshell); echo after
bash -c 'bash -c "bash -c \"exit 33\""'
bash -lc 'echo login' 2>/dev/null | tail -n 1
bash -i -c 'echo interactive' 2>/dev/null
sh -c 'echo sh'
xargs -n 1 echo < <(echo a b c)
find . -name x -exec echo {} \;
python3 -c 'import sys; sys.exit(77)'
python3 -c 'raise SystemExit("with a message")'
python3 -c 'import subprocess; subprocess.run(["echo", "from python"])'
python3 -c 'import os; os._exit(9)'
perl -e 'print "perl\n"; exit 3'
perl -e 'die "dying\n"'
awk 'BEGIN { print "awk"; exit 4 }'
make -f /dev/null
# signals
kill -TERM $$
kill -KILL $$
kill -HUP $$
kill -INT $$
kill -QUIT $$
kill -PIPE $$
kill -SEGV $$
kill -ABRT $$
kill -USR1 $$
kill -USR2 $$
kill -ALRM $$
kill -BUS $$
kill -FPE $$
kill -ILL $$
kill -TRAP $$
kill -SYS $$
kill -XCPU $$
kill -XFSZ $$
kill -VTALRM $$
kill -PROF $$
kill -CHLD $$; echo ignored
kill -CONT $$; echo ignored
kill -WINCH $$; echo ignored
kill -URG $$; echo ignored
kill -0 $$; echo $?
kill -l 15
kill -TERM 0
kill -HUP 0
kill -INT 0; echo $?
kill -USR1 0
bash -c 'kill -KILL $$'; echo $?
bash -c 'kill -SEGV $$'; echo $?
bash -c 'kill -PIPE $$'; echo $?
python3 -c 'import os, signal; os.kill(os.getpid(), signal.SIGABRT)'
python3 -c 'import os; os.abort()'; echo $?
exec python3 -c 'import os, signal; os.kill(os.getpid(), 9)'
exec python3 -c 'import os, signal; os.kill(os.getpid(), 15)'
python3 -c 'import signal; print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))'
python3 -c 'import signal; print(signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGCHLD))'
python3 -c 'import signal; print([s for s in range(1, 32) if signal.getsignal(s) == signal.SIG_IGN])'
trap 'echo trapped; exit 5' TERM; kill -TERM $$
trap 'echo trapped' TERM; kill -TERM $$; echo on
trap '' TERM; kill -TERM $$; echo ignored
trap '' TERM; bash -c 'kill -TERM $$; echo inherited'
trap 'echo leaving' EXIT; echo body
trap 'echo leaving $?' EXIT; exit 6
trap 'exit 7' EXIT; exit 6
trap 'echo err' ERR; false; echo on
trap 'echo int; exit 9' INT; kill -INT $$
trap 'echo int' INT; kill -INT 0; echo on
trap 'echo term; trap - TERM; kill -TERM $$' TERM; kill -TERM $$
trap 'echo debug' DEBUG; true
trap 'echo hup' HUP; kill -HUP 0; echo on
trap 'echo chld' CHLD; true & wait; trap - CHLD
trap -p
trap 'rm -f made' EXIT; touch made; ls
trap 'echo usr1' USR1; kill -USR1 $$; kill -USR1 $$; echo end
sleep 5 & trap 'kill $!; echo cleaned; exit 0' TERM; kill -TERM $$; wait
(trap 'echo sub; exit 3' TERM; kill -TERM $BASHPID); echo $?
ps -o pgid= -p $$ | tr -d ' ' | { read -r g; [ "$g" -gt 0 ] && echo group; }
[ "$(ps -o sid= -p $$ | tr -d ' ')" = "$(ps -o pgid= -p $$ | tr -d ' ')" ] && echo 'group and session are one'
echo "$PPID" | grep -c '^[0-9]*$'
ls -l /proc/$$/fd | grep -c socket
