# What goes on after the shell has ended: it must not be waited for, and must come.
(sleep 0.3; echo late) & echo now
(sleep 0.3; echo late >&2) & echo now; exit 3
nohup sh -c 'sleep 0.3; echo late' & echo now
setsid sh -c 'sleep 0.3; echo late' & echo now
(sleep 0.2; echo a; sleep 0.2; echo b) & printf 'no newline'
python3 -c 'import os,time; (os.fork() and os._exit(4)) or (time.sleep(0.3), print("late"))'
(sleep 0.3; seq 1 30000 | tail -n 2) & kill -TERM $$
(trap '' TERM HUP; sleep 0.3; echo late) & exec true
{ sleep 0.3; printf 'unfinished'; } & echo now
(exec >&- 2>&-; sleep 0.4; echo effect > effect.txt) & echo now
