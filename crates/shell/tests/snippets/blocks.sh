cat <<END
a here document with $HOME
and $(echo a command)
END
%
cat <<'END'
quoted $HOME `not run`
END
%
cat <<-END
	indented
		more
	END
%
cat <<A; cat <<B
first
A
second
B
%
cat <<END | tr a-z A-Z
through a pipe
END
%
bash <<'END'
echo from a script on stdin
exit 14
END
%
python3 - <<'END'
import sys
print("out")
print("err", file=sys.stderr)
sys.exit(15)
END
%
if true; then
  echo yes
else
  echo no
fi
%
for i in 1 2 3
do
  case $i in
    1) echo one ;;
    2) echo two; continue ;;
    *) echo "many"; break ;;
  esac
done
%
i=0
while [ $i -lt 5 ]; do
  i=$((i + 1))
  [ $i = 3 ] && continue
  echo $i
done
exit $i
%
until false; do break; done; echo $?
%
select_none() { return 0; }
function named { echo "$FUNCNAME"; }
named
select_none
%
f() (
  cd /
  exit 3
)
f
echo "$? $(pwd | tail -c 5)"
%
# only a comment
%


%
echo a \
  b \
  c
%
echo "line one
line two" | cat -A
%
set -euo pipefail
x=$(echo ok)
echo "$x"
false
echo never
%
set -e
trap 'echo "failed on line $LINENO with $?"' ERR
true
(exit 4)
%
coproc P { read -r x; echo "got $x"; cat >/dev/null; }
exec 7>&"${P[1]}" 8<&"${P[0]}"
eval "exec ${P[1]}>&-"
echo hello >&7
read -r y <&8
echo "$y"
exec 7>&-
wait
%
exec 3<<END
from three
END
cat <&3
%
exec {fd}>made
echo by number >&$fd
exec {fd}>&-
cat made
%
while IFS= read -r line; do
  printf '[%s]' "$line"
done <<'END'
 leading
trailing 
	tab
END
%
mkdir tree; cd tree
touch a b
mkdir c
cd c
echo deep > d
umask 077
echo private > e
%
cat > script.sh <<'END'
#!/bin/bash
echo "script $1 $#"
echo "to err" >&2
exit 31
END
chmod 755 script.sh
./script.sh one two
%
cat > prog.py <<'END'
import os, sys, time
for i in range(5):
    sys.stdout.write("o%d " % i); sys.stdout.flush()
    sys.stderr.write("e%d " % i); sys.stderr.flush()
sys.stdout.write("\n")
END
python3 prog.py
%
cat > Makefile <<'END'
all:
	@echo making
	@false
END
make
%
cat > fails.py <<'END'
import unittest
class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(1, 2)
unittest.main()
END
python3 fails.py 2>&1 | sed 's/in [0-9.]*s/in 0s/'
exit ${PIPESTATUS[0]}
%
python3 - <<'END'
import os, sys
pid = os.fork()
if pid == 0:
    os.write(1, b"child\n")
    os._exit(3)
_, status = os.waitpid(pid, 0)
os.write(1, b"parent %d\n" % os.waitstatus_to_exitcode(status))
END
%
python3 - <<'END'
import os
# No child but its own: whoever waits for any must not see a stranger.
try:
    os.wait()
    print("a stranger")
except ChildProcessError:
    print("no child")
END
%
exec python3 - <<'END'
import os
try:
    os.wait()
    print("a stranger")
except ChildProcessError:
    print("no child")
END
%
python3 - <<'END'
import signal, os
signal.signal(signal.SIGTERM, lambda *a: (print("handled", flush=True), os._exit(12)))
os.kill(os.getpid(), signal.SIGTERM)
END
%
python3 - <<'END'
import os, resource
print(resource.getrlimit(resource.RLIMIT_NOFILE) == resource.getrlimit(resource.RLIMIT_NOFILE))
print(oct(os.umask(0)), os.getpriority(os.PRIO_PROCESS, 0))
END
%
python3 - <<'END'
import os
print(sorted(int(f) for f in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + f)))
END
%
x=1
{
  x=2
  echo "in a group $x"
} > out.txt
cat out.txt
echo $x
%
(
  echo sub
  exit 2
) && echo ok || echo "sub failed with $?"
%
a=$(cat <<'END'
inside a substitution
END
)
echo "$a"
%
printf '%s\n' "a'b" 'c"d' 'e\f' "g\$h" '`i`' 'j;k' 'l&m' 'n|o' 'p>q' 'r*s' 't?u' '~v' '#w' '!x' '{y}' '[z]'
%
echo '-----BEGIN CERTIFICATE-----
MIIB
-----END CERTIFICATE-----'
%
for i in $(seq 1 50); do
  echo "out $i"
  echo "err $i" >&2
  printf 'partial %d ' $i
done
%
seq 1 2000 | while read -r n; do
  [ $((n % 500)) = 0 ] && echo $n >&2
  echo $n
done
%
(sleep 0.2; kill -CONT $$) &
kill -STOP $$
wait
echo went on
%
(
  trap '' HUP INT TERM
  sleep 0.05
  echo survivor of nothing
) &
wait $!
%
bash -c 'trap "echo inner; exit 3" INT; kill -INT $$'
echo $?
%
exec 5>&1
x=$(echo captured; echo direct >&5)
echo "$x"
%
shopt -s nullglob globstar
mkdir -p q/r; touch q/r/s
echo ** none*
%
declare -i n=5
n+=3
readonly n
echo $n
n=1
echo after
%
printf 'a b\nc d\n' > f
while read -r x y; do echo "$y $x"; done < f
mapfile -t lines < f
echo "${#lines[@]}"
%
ulimit -S -n 16
for i in 3 4 5 6 7 8 9; do eval "exec $i>f$i"; done
ls | tr '\n' ' '
%
exec 9>lock
flock 9
echo locked
%
echo one >&1
echo two >> /dev/fd/2
echo three | tee -a /dev/stderr
%
false
echo "status $?"
true
echo "status $?"
(exit 200)
%
bash -c 'sleep 0.3; echo orphan > orphan.txt' > /dev/null 2>&1 &
disown
echo parent is done
sleep 0.5
cat orphan.txt
