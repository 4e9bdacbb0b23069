# A few of the trainings with faults of  tools/check --faults.
source "$TESTS/run/lib.sh"
expect 0 "tried 20, survived 20, lost 0" python3 "$TESTS/run/faults/inject.py" 20
finish
