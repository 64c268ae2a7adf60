module caisson/guest

go 1.24
