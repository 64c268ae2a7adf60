module example.com/@NAME@

go 1.24

require caisson/guest v0.0.0

replace caisson/guest => ./guest
