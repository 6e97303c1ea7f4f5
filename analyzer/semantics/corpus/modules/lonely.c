int lonely;
