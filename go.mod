module github.com/zoobreak/zoobreak

go 1.26
