# examples/03_pendulum: a program of options alone, against the closed form of small swings.
source "$TESTS/run/lib.sh"
pendulum=$BUILD/examples/pendulum
expect 0 "usage: pendulum
--integrator runge_kutta|euler
--pendulum.length" "$pendulum" --help
# A swing of 0.001 rad at 1 rad/s: after 60 s 0.001 cos(60), at -0.001 sin(60).
expect 0 "angle -0.000952, speed 0.000305" "$pendulum" --length 9.81 --angle 0.001
# The same from the environment: gravity 4 over length 4.
expect 0 "angle -0.000952, speed 0.000305" env GRAVITY=4 "$pendulum" --length 4 --angle 0.001 --integrator.substeps 2
expect 0 "angle" "$pendulum" "$SOURCE/examples/03_pendulum/long.yaml"
expect 0 "pendulum.length
long.yaml:" "$pendulum" "$SOURCE/examples/03_pendulum/long.yaml" --explain length
expect 2 "step
duration
the step exceeds the duration" "$pendulum" --step 2h
expect 2 "substeps
euler" "$pendulum" --integrator euler --integrator.substeps 3
"$pendulum" --show yaml | grep -vE '^ *[a-z_]+:$' | grep -v '#' && bad "options without help"
for words in --help "--show yaml" "--explain length" "--completion bash"; do
  rc=0; "$pendulum" $words >/dev/full 2>said || rc=$?
  [ $rc = 2 ] && grep -q "pendulum: stdout: cannot be written: No space" said || bad "pendulum $words on a full disk: $rc, $(cat said)"
done
finish
